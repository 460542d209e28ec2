"""Passwords that are guessed first (ASVS 6.2.12), and those that are not."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.passwords.common_passwords import is_common
from accounts.passwords.rules import NotCommon
from tests.effort import examples

TRIED_FIRST = """
    Aa12345678 Garage2026 Peugeot206 Qsdfghjklm1 1qaz2wsxE Salut123 Soleil2026! Azerty123!
    Password1 Motdepasse1 Clio2024 Marseille13 Jeanne1985 Azertyuiop1 P@ssw0rd1 P3ug30t206
    Camion75012 Bonjour01! Nicolas14071985 Transport93 Wxcvbn123 Abcdef12 Qwerty!2026 Toyota2020!
    Mercedes63 1Aqwzsx2 Chauffeur33 1q2w3e4R Aqwzsx123 Loulou83 Atelier2026 Carrosserie1
    Alternance2026 Formation2026 Dimanche1 Jetaime2 Aaaaaaa1 Bienvenue1! Admin1234 Garagegarage1
""".split()
FINE = """
    Été2026! Kx7plmqz Orange-7-xyz Tramway-Bleu-2026 Bleu7Tasse Vert-Piano9 xK9#mPq2 Lampe3Radis
    R7t!bQ2z Kayak82Prune É7plmqzw ΩmegaΣigma7
""".split()


@pytest.mark.req("S7", "S16")
def test_what_is_tried_first_is_refused() -> None:
    assert [password for password in TRIED_FIRST if not is_common(password)] == []
    with pytest.raises(ValidationError, match="trop courant"):
        NotCommon().validate(TRIED_FIRST[0])


@pytest.mark.req("S2", "S16")
def test_two_words_or_no_word_pass() -> None:
    assert [password for password in FINE if is_common(password)] == []
    NotCommon().validate(FINE[0])


@settings(max_examples=examples(40, 1000))
@given(st.text(max_size=40))
def test_any_text_is_judged(text: str) -> None:
    is_common(text)
