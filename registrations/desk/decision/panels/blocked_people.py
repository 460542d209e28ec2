"""Which open requests are of a blocked person: what no condition of the database can find.

The block list holds keyed hashes only, so addresses are hashed here: those of what is open in
the agent's scope, once a page, and only when the list holds anybody.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from accounts.habilitations.staff.permissions import filter_by_scope, get_staff
from accounts.leaving.block_list import hash_address_forms
from accounts.people.models import BlockedPerson
from registrations.requests.models import Request
from registrations.requests.review.review_clock import OPEN

_CACHE_ATTRIBUTE: Final = "_desk_blocked"


def get_blocked_user_ids(http: HttpRequest) -> frozenset[int]:
    """Ids of the blocked people who have an open request in this agent's scope."""
    found: frozenset[int] | None = http.__dict__.get(_CACHE_ATTRIBUTE)
    if found is None:
        found = http.__dict__[_CACHE_ATTRIBUTE] = _find_blocked_user_ids(http)
    return found


def find_blocked_among(items: Iterable[Request]) -> frozenset[int]:
    """Ids of the blocked people among the authors of these requests."""
    keys = tuple(settings.HASH_KEYS)
    authors = {
        digest: item.user_id
        for item in items
        if item.is_open
        for digest in _hash_address(item.user.email, keys)
    }
    found = BlockedPerson.objects.filter(digest__in=authors).values_list("digest", flat=True)
    return frozenset(authors[digest] for digest in found)


def _find_blocked_user_ids(http: HttpRequest) -> frozenset[int]:
    listed = frozenset(BlockedPerson.objects.values_list("digest", flat=True))
    if not listed:
        return frozenset()
    rows = Request.objects.filter(filter_by_scope(get_staff(http.user)), OPEN)
    people = rows.order_by().values_list("user_id", "user__email")
    keys = tuple(settings.HASH_KEYS)
    return frozenset(
        user for user, email in people if not listed.isdisjoint(_hash_address(email, keys))
    )


@lru_cache(maxsize=20_000)
def _hash_address(address: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Of one address under these keys: the same open requests are looked at all day."""
    return tuple(hash_address_forms(address))
