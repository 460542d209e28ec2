"""The rules of passwords."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.test import override_settings

from accounts.passwords.rules import RULES


def codes(password: str, **user: Any) -> set[str]:
    facts = {"first_name": "", "last_name": "", "email": "", "is_staff": False, **user}
    try:
        validate_password(password, SimpleNamespace(**facts))  # type: ignore[arg-type]
    except ValidationError as refusal:
        return {str(error.code) for error in refusal.error_list}
    return set()


@pytest.mark.req("R22", "R23", "R24", "R25", "R26")
def test_each_rule_alone_and_together() -> None:
    cases: list[tuple[str, set[str]]] = [
        ("Kx7plmq", {"min"}),
        ("kx7plmqz", {"upper"}),
        ("KX7PLMQZ", {"lower"}),
        ("KxPlmqzw", {"digit"}),
        ("kx", {"min", "upper", "digit"}),
        ("", {"min", "upper", "lower", "digit"}),
        ("Kx7plmqz", set()),
    ]
    for password, expected in cases:
        assert codes(password) == expected, password


@pytest.mark.req("S2", "R23", "S16")
def test_accents_spaces_specials_and_long_ones_are_accepted() -> None:
    for password in [
        "Été2026!",
        "É7plmqzw",
        "àÀ7 espaces ici",
        "Cheval correct 7 pile agrafe " * 3,
        "A1" + "é" * 100,
        "ΩmegaΣigma7",
        "Kx7\"'<>&\\%plm",
    ]:
        assert codes(password) == set(), password


@pytest.mark.req("R23")
def test_an_accent_typed_as_two_characters_counts_as_one_letter() -> None:
    assert codes("E\u03017plmqz") == {"min"}
    assert codes("E\u03017plmqzw") == set()


@pytest.mark.req("S16")
def test_128_characters_pass_and_129_are_told_why() -> None:
    assert codes("Kx7" + "y" * 125) == set()
    assert codes("Kx7" + "y" * 126) == {"max"}


@pytest.mark.req("S7", "S15")
def test_personal_context_and_common_words_are_refused() -> None:
    for password, expected in [
        ("Martin-7-xyz", {"personal"}),
        ("xx-MARTIN-77z", {"personal"}),
        ("7-Jeanne-7-xyz", {"personal"}),
        ("Dépannage78-x", {"personal"}),
        ("OPCO-7-xyzabc", {"context"}),
        ("Mobilités-7-xyz", {"context"}),
        ("M-Gestion-7-xyz", {"context"}),
        ("Password1", {"common"}),
        ("Motdepasse1", {"common"}),
        ("Soleil2026!", {"common"}),
        ("Azerty123!", {"common"}),
    ]:
        user = {
            "first_name": "Jeanne",
            "last_name": "Martin",
            "email": "j.martin@depannage.org",
        }
        assert expected <= codes(password, **user), password


@pytest.mark.req("S7")
def test_a_providers_name_and_short_names_are_no_clue() -> None:
    assert codes("Orange-7-xyz", email="x@orange.fr", last_name="Lu") == set()


@pytest.mark.req("S11")
def test_agents_need_sixteen_characters() -> None:
    assert codes("Kx7plmqzKx7plmq", is_staff=True) == {"min"}
    assert codes("Kx7plmqzKx7plmqz", is_staff=True) == set()


@pytest.mark.req("R26")
def test_the_page_lists_the_rules_that_the_server_applies() -> None:
    html = render_to_string("components/password_rules.html", {"for_id": "x"})
    shown = re.findall(r'data-rule="(\w+)"(?: data-n="(\d+)")?><span>([^<]+)<', html)
    assert [(code, label, int(n or 0)) for code, n, label in shown] == [
        tuple(rule) for rule in RULES
    ]


@pytest.mark.req("S6")
@override_settings(PASSWORD_HASHERS=["accounts.passwords.hashers.PortalArgon2Hasher"])
def test_passwords_are_stored_with_argon2id_at_19_mib() -> None:
    assert make_password("x").startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
