"""Phone numbers (D43, S52)."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.people.phones import InvalidPhone, parse_phone


@pytest.mark.req("D43", "S52")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("01 99 00 12 34", "+33199001234"),
        ("01.99.00.12.34", "+33199001234"),
        ("+33 (0)1 99 00 12 34", "+33199001234"),
        ("0033 1 99 00 12 34", "+33199001234"),
        ("01\u00a099\u202f00 12 34", "+33199001234"),
        ("06 12 34 56 78", "+33612345678"),
        ("0262 20 00 00", "+262262200000"),
        ("0692 00 00 00", "+262692000000"),
        ("0269 61 00 00", "+262269610000"),
        ("0639 69 00 00", "+262639690000"),
        ("0590 20 00 00", "+590590200000"),
        ("0596 50 00 00", "+596596500000"),
        ("0594 30 00 00", "+594594300000"),
        ("40 41 42 43", "+68940414243"),
        ("+687 26 12 34", "+687261234"),
        ("+508 41 12 34", "+508411234"),
        ("+32 2 555 12 12", "+3225551212"),
    ],
)
def test_french_overseas_and_foreign_numbers_are_kept_as_e164(typed: str, kept: str) -> None:
    phone = parse_phone(typed)
    assert phone.e164 == kept
    assert phone.warning == ""


@pytest.mark.req("S52")
@pytest.mark.parametrize("typed", ["0800 12 34 56", "0892 70 12 34"])
def test_an_08_number_is_accepted_with_a_warning(typed: str) -> None:
    assert "08" in parse_phone(typed).warning


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("bonjour", "characters", "chiffres"),
        ("", "characters", "01 99 00 12 34"),
        ("01 99 00 AB CD", "characters", "chiffres"),
        ("3949", "short", "saisi 4"),
        ("01 99 00 12 34 56", "long", "saisi 12"),
        ("01 99 00 12 34 / 06 39 98 00 12", "long", "un seul numéro"),
        ("01 99 00 12 34 poste 5", "characters", "sans autre texte"),
        ("26 12 34", "ambiguous", "indicatif"),
        ("0000000000", "invalid", "n’existe pas"),
        ("06 39 98 00 12", "invalid", "n’existe pas"),
        ("+999 123", "invalid", "indicatif"),
        ("+41 22 12", "invalid", "+41"),
        ("1" * 41, "characters", "chiffres"),
    ],
)
def test_each_fault_has_its_own_words(typed: str, code: str, said: str) -> None:
    with pytest.raises(InvalidPhone) as refusal:
        parse_phone(typed)
    assert refusal.value.code == code
    assert said in refusal.value.message


@given(st.text(st.sampled_from("+0123456789 ().-/"), max_size=45) | st.text(max_size=45))
def test_any_text_is_a_number_or_a_refusal(typed: str) -> None:
    try:
        phone = parse_phone(typed)
    except InvalidPhone as refusal:
        assert refusal.message
    else:
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone.e164))
        assert parse_phone(phone.e164) == phone
