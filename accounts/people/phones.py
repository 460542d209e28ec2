"""Phone numbers: French ones, overseas included, and foreign ones with +. Pure.

A number is kept as E.164. The library knows one dialling plan at a time: 0262… is not a number of
mainland France, so each French territory is tried (FR, RE, GP, MQ, GF, YT, PM, NC, PF, WF, BL,
MF).
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

# The five départements overseas share the « 0x » writing of the mainland: 0269… is Mayotte, and the
# library would also read some of these as mainland numbers. So they come first, for their own
# geographic and mobile ranges only (their 08 and 09 are the mainland's).
_DEPARTMENTS: Final = ("RE", "GP", "MQ", "GF", "YT", "BL", "MF")
_COLLECTIVITIES: Final = ("PM", "NC", "PF", "WF")
_OWN: Final = (
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
)
MAX_TYPED: Final = 40
_TYPED: Final = re.compile(r"[+\d\s().\-/\u2010-\u2014]+", re.ASCII)
_SPECIAL: Final = "+338"


class InvalidPhone(ValueError):
    """`code` says what is wrong, the message how to mend it (in French, for the person)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Phone:
    """`warning`: the number is accepted, and the person should know something about it."""

    e164: str
    warning: str = ""


def parse_phone(raw: str) -> Phone:
    """The number that `raw` means. Raises InvalidPhone with a code among characters,
    short, long, ambiguous, invalid."""
    typed = unicodedata.normalize("NFKC", raw).strip()
    if not typed or len(typed) > MAX_TYPED or not _TYPED.fullmatch(typed):
        raise InvalidPhone(
            "characters",
            "Saisissez un seul numéro, en chiffres et sans autre texte, "
            "par exemple 01 99 00 12 34.",
        )
    if typed.startswith("+") or re.match(r"00\s*[1-9]", typed):
        return _parse_international(typed)
    overseas = _list_valid_numbers(typed, _DEPARTMENTS, own_ranges=True)
    if overseas:
        return _build_phone(overseas[0])  # two of them share a range only when they share the code
    found = _list_valid_numbers(typed, ("FR",)) or _list_valid_numbers(typed, _COLLECTIVITIES)
    if len(found) == 1:
        return _build_phone(found[0])
    if found:
        raise InvalidPhone(
            "ambiguous",
            "Ce numéro existe dans plusieurs territoires\u00a0: "
            "ajoutez son indicatif, par exemple +687 ou +508.",
        )
    raise _explain_invalid(typed)


def _parse_international(typed: str) -> Phone:
    number = _parse_number(typed, "FR")
    if number is None:
        raise InvalidPhone(
            "invalid",
            "Ce numéro n’a pas pu être lu\u00a0: vérifiez l’indicatif du pays après le +.",
        )
    if not phonenumbers.is_valid_number(number):
        raise (
            _explain_invalid(typed)
            if number.country_code == 33
            else InvalidPhone(
                "invalid",
                f"Ce numéro n’existe pas avec l’indicatif +{number.country_code}\u00a0: "
                "vérifiez ses chiffres.",
            )
        )
    return _build_phone(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _list_valid_numbers(
    typed: str, territories: tuple[str, ...], *, own_ranges: bool = False
) -> list[str]:
    """The E.164 numbers, each once, that `typed` is in `territories`."""
    found: dict[str, None] = {}
    for territory in territories:
        number = _parse_number(typed, territory)
        if number is None or not phonenumbers.is_valid_number_for_region(number, territory):
            continue
        if own_ranges and phonenumbers.number_type(number) not in _OWN:
            continue
        found[phonenumbers.format_number(number, PhoneNumberFormat.E164)] = None
    return list(found)


def _parse_number(typed: str, territory: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(typed, territory)
    except NumberParseException:
        return None


def _build_phone(e164: str) -> Phone:
    if e164.startswith(_SPECIAL):
        return Phone(
            e164,
            "Ce numéro commence par 08\u00a0: nos équipes ne pourront peut-être pas "
            "vous y joindre. Préférez une ligne directe.",
        )
    return Phone(e164)


def _explain_invalid(typed: str) -> InvalidPhone:
    digits = re.sub(r"\D", "", typed)
    if not typed.startswith(("+", "00")) and len(digits) >= 2 * 10:
        return InvalidPhone("long", "Saisissez un seul numéro, par exemple 01 99 00 12 34.")
    if not typed.startswith(("+", "00")) and len(digits) != 10:
        return InvalidPhone(
            "short" if len(digits) < 10 else "long",
            f"Un numéro français compte 10 chiffres\u00a0: vous en avez saisi {len(digits)}. "
            "Pour un numéro étranger, commencez par + et l’indicatif du pays.",
        )
    return InvalidPhone(
        "invalid",
        "Ce numéro de téléphone n’existe pas\u00a0: vérifiez-le, par exemple 01 99 00 12 34.",
    )
