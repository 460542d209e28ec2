"""Establishments and accesses by a text that staff typed: a SIRET, or words of a name."""

from collections.abc import Iterable

from django.db.models import Q

from accounts.habilitations.accesses.models import Access, Establishment, EstablishmentWord
from accounts.people.search.account_search import select_account_keys
from mgestion.text.search_words import meaningful_words, sought_words, split_words, strip_separators

_SIRET = 14


def index_establishments(places: Iterable[Establishment]) -> None:
    """In the transaction that made the establishments or named them anew."""
    rows = list(places)
    EstablishmentWord.objects.filter(establishment__in=[place.pk for place in rows]).delete()
    EstablishmentWord.objects.bulk_create(
        EstablishmentWord(establishment=place, word=word)
        for place in rows
        for word in meaningful_words(split_words(place.name))
    )


def match_establishments(text: str) -> Q:
    """By the beginning of the SIRET, or by the beginnings of words of the name, in any order."""
    digits = strip_separators(text)
    if digits.isascii() and digits.isdigit() and 3 <= len(digits) <= _SIRET:
        missing = _SIRET - len(digits)
        return Q(siret__gte=digits + "0" * missing, siret__lte=digits + "9" * missing)
    words = sought_words(text)
    found = Q() if words else Q(pk__in=())
    for word in words:
        having = EstablishmentWord.objects.filter(word__startswith=word)
        found &= Q(pk__in=having.values("establishment_id"))
    return found


def match_accesses(text: str) -> Q:
    """By the person, as accounts are found, or by the establishment. Each way has its index, hence
    a union of keys instead of one condition.
    """
    accesses = Access.objects.order_by()
    places = Establishment.objects.order_by().filter(match_establishments(text))
    theirs = accesses.filter(user__in=select_account_keys(text)).values("pk")
    there = accesses.filter(establishment__in=places.values("pk")).values("pk")
    return Q(pk__in=theirs.union(there))
