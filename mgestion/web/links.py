"""Absolute addresses, for mails, and the addresses of lists that other pages carry."""

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict
from django.urls import reverse

if TYPE_CHECKING:
    from django.http.request import _ImmutableQueryDict

_LONGEST_QUERY: Final = 2000


def build_absolute_url(url_name: str, *args: object) -> str:
    """The full address of a page, from PUBLIC_URL: a client writes the Host header."""
    return make_absolute(reverse(url_name, args=args))


def make_absolute(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"


def read_carried_query(text: str) -> "_ImmutableQueryDict":
    """The query of a list that came inside a parameter or a field, where `NulMiddleware` does not
    look: what no list can hold is left out.
    """
    try:
        asked = QueryDict(text[:_LONGEST_QUERY])
    except TooManyFieldsSent:
        return QueryDict("")
    kept = QueryDict(mutable=True)
    for name, values in asked.lists():
        if "\0" not in f"{name}{''.join(values)}":
            kept.setlist(name, values)
    return QueryDict(kept.urlencode())
