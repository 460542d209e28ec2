"""Lines of the journal by what staff know: a reference, a name, an address, or an exact code."""

import re
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest

from mgestion.admin.row_kinds import PEOPLE
from mgestion.admin.search_page import find_references

_CODE: Final = re.compile(r"[0-9a-f]{32}|[a-z_]+\.[a-z_.]+")


def match_entries(http: HttpRequest, text: str) -> Q:
    """Lines about the rows that this agent's lists find for `text`, and lines of the agents among
    them; for a code or an identifier, lines that hold it.
    """
    text = text.strip()
    reference = _read_uuid(text)
    if reference is not None:
        written = str(reference)
        return Q(person=reference) | Q(object_id=written) | Q(actor=written) | Q(request_id=text)
    if _CODE.fullmatch(text):
        return Q(act=text) | Q(request_id=text)
    found = Q(pk__in=())
    for name, keys in find_references(http, text).items():
        found |= Q(object_type=name, object_id__in=keys)
        if name == PEOPLE:
            found |= Q(person__in=keys) | Q(actor_kind="staff", actor__in=keys)
    return found


def _read_uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) in (32, 36) else None
    except ValueError:
        return None
