"""What was typed in the search box, as lookups that an index answers at any number of rows."""

import re
from typing import Final
from uuid import UUID

from django.db.models import Q

from accounts.addresses import fold
from accounts.phones import InvalidPhone, parse
from registrations.rules import name_key

HELP: Final = (
    "Référence, SIRET ou SIREN, téléphone, e-mail ou début du nom, "
    "parmi toutes les demandes de votre périmètre, closes comprises."
)
_REFERENCE: Final = re.compile(r"mg[\s\-–]*([0-9a-z]{4})[\s\-–]*([0-9a-z]{4})", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\+?[\d\s.\-()/]+")
_SIRET: Final = 14
_WORDS: Final = 4


def siren_range(siren: str) -> Q:
    """Every SIRET that begins with these digits: a range, which any plain index serves."""
    missing = _SIRET - len(siren)
    return Q(siret__gte=siren + "0" * missing, siret__lte=siren + "9" * missing)


def lookup(text: str) -> Q | None:
    """The condition that `text` stands for; None when it cannot match anything."""
    text = " ".join(text.split())
    if not text:
        return Q()
    reference = _REFERENCE.fullmatch(text)
    if reference:
        return Q(reference=f"MG-{reference[1]}-{reference[2]}".upper())
    if _DIGITS.fullmatch(text):
        return _by_number(text)
    if text.startswith("@"):
        return Q(email_domain=fold(text[1:]))
    if "@" in text:
        return Q(email_key=fold(text))
    return _by_name(text)


def kind_of(text: str) -> str:
    """What kind of thing is looked for, without saying which."""
    text = " ".join(text.split())
    if _REFERENCE.fullmatch(text):
        return "référence"
    if _DIGITS.fullmatch(text):
        return "numéro"
    return "adresse e-mail" if "@" in text else "nom"


def _by_number(text: str) -> Q | None:
    """The beginning of a SIRET, or a phone as it is dialled here or abroad, or both."""
    digits = re.sub(r"\D", "", text)
    found = None
    if not text.startswith("+") and 3 <= len(digits) <= _SIRET:
        found = siren_range(digits)
    try:
        phone = Q(phone=parse(text).e164)
    except InvalidPhone:
        return found
    return phone if found is None else found | phone


def _by_name(text: str) -> Q | None:
    """« lefe », « Lefèvre Zoé » and « Zoé Lefèvre » alike: the key is "last first".

    Each word in turn is the key's beginning, which the index finds; the others are then looked for
    among those few rows.
    """
    words = name_key(text, "").split()[:_WORDS]
    if not words:
        return None
    found = Q(name_key__startswith=" ".join(words))
    for first in words if len(words) > 1 else ():
        one = Q(name_key__startswith=first)
        for other in words:
            if other != first:
                one &= Q(name_key__contains=f" {other}")
        found |= one
    return found


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
