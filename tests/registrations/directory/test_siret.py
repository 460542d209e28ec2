"""SIRET numbers (S48, S49)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgestion.text.siret import InvalidSiret, parse_siret
from tests.factories.registrations import luhn

digits = st.text("0123456789", min_size=14, max_size=14)


@pytest.mark.req("S49", "S50")
@pytest.mark.parametrize(
    "siret",
    [
        "73282932000074",
        "85124049900018",
        "35600000000048",
        "35600000049837",
        "35600000009075",
    ],
)
def test_known_numbers_pass(siret: str) -> None:
    assert parse_siret(siret) == siret


@pytest.mark.req("S49")
@pytest.mark.parametrize("siret", ["73282932000079", "35600000049838", "73282932000075"])
def test_known_wrong_numbers_fail_on_the_checksum(siret: str) -> None:
    with pytest.raises(InvalidSiret) as refusal:
        parse_siret(siret)
    assert refusal.value.code == "checksum"


@pytest.mark.req("S48")
@pytest.mark.parametrize(
    "typed",
    [
        "732 829 320 00074",
        "732.829.320.00074",
        "732\u00a0829\u00a0320\u00a000074",
        "732\u202f829\u202f320\u202f00074",
        " 732-829-320-00074\u200b",
        "SIRET : 732 829 320 00074",
        "n° Siret 732 829 320 00074",
        "\uff17\uff13\uff12\uff18\uff12\uff19\uff13\uff12\uff10\uff10\uff10\uff10\uff17\uff14",
    ],
)
def test_what_people_paste_is_stored_bare(typed: str) -> None:
    assert parse_siret(typed) == "73282932000074"


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("7328293200007", "length", "saisi 13"),
        ("732829320000741", "length", "saisi 15"),
        ("", "length", "saisi 0"),
        ("732829320", "siren", "5 chiffres"),
        ("7328293200007A", "digits", "«\u00a0A\u00a0»"),
        ("FR73282932000074", "digits", "«\u00a0FR\u00a0»"),
        ("73282932O00074", "digits", "la lettre O par le chiffre 0"),
        ("\u0667\u0663\u0662", "digits", "retirez"),
        ("00000000000000", "zero", "neuf zéros"),
        ("00000000000018", "zero", "neuf zéros"),
    ],
)
def test_each_fault_has_its_own_words(typed: str, code: str, said: str) -> None:
    with pytest.raises(InvalidSiret) as refusal:
        parse_siret(typed)
    assert refusal.value.code == code
    assert said in refusal.value.message


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_a_refusal(typed: str) -> None:
    try:
        siret = parse_siret(typed)
    except InvalidSiret as refusal:
        assert refusal.message
    else:
        assert len(siret) == 14
        assert siret.isascii()
        assert siret.isdigit()
        assert parse_siret(siret) == siret


@given(digits)
def test_the_checksum_is_the_one_of_arithmetic(siret: str) -> None:
    """The rule written apart: Luhn, or for La Poste a sum that is a multiple of 5."""
    if siret.startswith("000000000"):
        return
    expected = luhn(siret[:9]) and luhn(siret)
    if siret.startswith("356000000") and siret != "35600000000048":
        expected = sum(map(int, siret)) % 5 == 0
    try:
        parse_siret(siret)
    except InvalidSiret:
        assert not expected
    else:
        assert expected
