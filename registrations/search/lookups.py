"""Turns the text of the search box into conditions that indexes answer."""

import re
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.people.addresses import fold_address, fold_domain
from accounts.people.phones import InvalidPhone, parse_phone
from mgestion.text.search_words import sought_words
from registrations.search.models import RequestWord
from registrations.search.search_words import select_rows_beginning_with, select_rows_holding

SEARCH_HELP: Final = (
    "Raison sociale, nom ou prénom (un morceau suffit), référence (même à moitié), SIRET ou SIREN, "
    "téléphone, e-mail\u00a0: parmi toutes les demandes de votre périmètre, closes comprises."
)
_REFERENCE: Final = re.compile(r"mg[\s\-–]*([0-9a-z]{4})[\s\-–]*([0-9a-z]{4})", re.IGNORECASE)
_HALF: Final = re.compile(r"mg[\s\-–]+([0-9a-z]{1,4})", re.IGNORECASE)
_VAT: Final = re.compile(r"fr[\s.]*((?:\d[\s.]*){9,14})", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\+?[\d\s.\-()/]+")
_SIRET: Final = 14
_FEW: Final = 500  # a word with at most this many rows is looked up first


def build_siren_range(siren: str, field: str = "siret") -> Q:
    """Every SIRET that begins with these digits, as a range that a plain index answers."""
    missing = _SIRET - len(siren)
    first, last = siren + "0" * missing, siren + "9" * missing
    return Q(**{f"{field}__gte": first, f"{field}__lte": last})


def match_full_reference(text: str) -> Q | None:
    """The condition for a whole reference; None for any other text."""
    found = _REFERENCE.fullmatch(text)
    return Q(reference=f"MG-{found[1]}-{found[2]}".upper()) if found else None


def build_search_condition(text: str) -> Q | None:
    """The condition for `text`; None when it cannot match anything."""
    text = " ".join(text.split())
    if not text:
        return Q()
    reference = match_full_reference(text)
    if reference is not None:
        return reference
    half = _HALF.fullmatch(text)
    if half:
        return _match_words([half[1].lower()])
    number = _VAT.fullmatch(text)
    if number:
        return _match_siren(re.sub(r"\D", "", number[1]))
    if _DIGITS.fullmatch(text):
        return _match_number(text)
    if text.startswith("@"):
        return Q(email_domain=fold_domain(text[1:]))
    if "@" in text.rstrip("@"):
        return Q(email_key=fold_address(text))
    return _match_words(sought_words(text))


def classify_search(text: str) -> str:
    """The kind of search, for statistics without personal data."""
    text = " ".join(text.split())
    if _REFERENCE.fullmatch(text) or _HALF.fullmatch(text):
        return "référence"
    if _VAT.fullmatch(text) or _DIGITS.fullmatch(text):
        return "numéro"
    return "adresse e-mail" if "@" in text else "nom"


def _match_number(text: str) -> Q | None:
    """The beginning of a SIRET, a national or international phone number, or both."""
    digits = re.sub(r"\D", "", text)
    found = None
    if not text.startswith("+") and 3 <= len(digits) <= _SIRET:
        found = build_siren_range(digits)
    try:
        phone = Q(phone=parse_phone(text).e164)
    except InvalidPhone:
        return found
    return phone if found is None else found | phone


def _match_siren(digits: str) -> Q:
    """After « FR »: a SIREN, a SIRET, or the VAT number, whose first two digits are its key."""
    if len(digits) == 11:
        digits = digits[2:]
    return build_siren_range(digits)


def _match_words(words: list[str]) -> Q | None:
    """Each word begins a word of the request, or stands in one, in any order: « clai garage »,
    « HZX6 », « lairi ».

    Rare words are resolved to primary keys first: for « garage clairière », the PostgreSQL planner
    would otherwise sometimes start with every garage.
    """
    if not words:
        return None
    keys: set[UUID] | None = None
    found = Q()
    for word in words:
        having = select_rows_beginning_with(word).values("request_id")
        few = _read_few(having)
        if not few:
            having = select_rows_holding(word).values("request_id")
            few = _read_few(having)
        if len(few) > _FEW:
            found &= Q(pk__in=having)
        else:
            keys = few if keys is None else keys & few
    return found if keys is None else found & Q(pk__in=keys)


def _read_few(rows: QuerySet[RequestWord, Any]) -> set[UUID]:
    """At most one more than what is looked up first."""
    return {row["request_id"] for row in rows[: _FEW + 1]}


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
