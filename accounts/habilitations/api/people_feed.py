"""What a platform reads of its own people: one of them, or what changed."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from accounts.habilitations.accesses.models import Access, AccessChange
from accounts.habilitations.enums import Attribute, ChangeKind, Principal
from accounts.habilitations.platforms.models import Platform
from accounts.people.addresses import fold_address
from accounts.people.models import User

MOST_CHANGES: Final = 500
MOST_PEOPLE: Final = 200
# A new person is told with the name that is released, not only at the first entry by CAS.
_WITH_IDENTITY: Final = frozenset({ChangeKind.GRANTED, ChangeKind.IDENTITY})


class ChangesGone(Exception):
    """The caller comes back after longer than lines are kept."""


def find_person(platform: Platform, *, subject: UUID | None, email: str) -> dict[str, Any] | None:
    """The person and the open accesses to `platform`, or None: unknown, or not this platform's."""
    mine = Access.objects.open().filter(platform=platform)
    users = User.objects.filter(pk__in=mine.values("user_id"))
    who = {"public_id": subject} if subject else {"email_key": fold_address(email)}
    user = users.filter(**who).first()
    if user is None:
        return None
    return _build_person(platform, user, _order_accesses(mine.filter(user=user)))


def list_people(platform: Platform, *, after: UUID | None, limit: int) -> dict[str, Any]:
    """Everybody with an open access to `platform`, in the order of their identifiers, from the one
    after `after` on. `changes`: a number of the feed that was reached before they were read, so
    that who follows the feed from there misses nothing.
    """
    number = Platform.objects.values_list("change_number", flat=True).get(pk=platform.pk)
    mine = Access.objects.open().filter(platform=platform)
    users = User.objects.filter(pk__in=mine.values("user_id")).order_by("public_id")
    if after is not None:
        users = users.filter(public_id__gt=after)
    found = list(users[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    held: dict[int, list[Access]] = {user.pk: [] for user in found}
    for access in _order_accesses(mine.filter(user_id__in=list(held))):
        held[access.user_id].append(access)
    return {
        "people": [_build_person(platform, user, held[user.pk]) for user in found],
        "next": found[-1].public_id if more else None,
        "changes": number,
    }


def _build_person(platform: Platform, user: User, accesses: Iterable[Access]) -> dict[str, Any]:
    return {
        "subject": user.public_id,
        "active": user.is_active,
        "email": user.email if _may_know_address(platform) else None,
        "identity": _build_identity(platform, user),
        "habilitations": [_build_access(access) for access in accesses],
    }


def list_changes(platform: Platform, *, since: int, limit: int) -> dict[str, Any]:
    """The lines after `since`, oldest first. Raises ChangesGone when some of them were purged."""
    feed = AccessChange.objects.filter(platform=platform)
    lines = list(feed.filter(number__gte=since).order_by("number")[: limit + 2])
    if lines and lines[0].number == since:  # where the caller stands, nothing older is asked for
        lines = lines[1:]
    elif _are_lines_gone(platform, feed, since, lines):
        raise ChangesGone
    more, lines = len(lines) > limit, lines[:limit]
    ids = [line.access_id for line in lines if line.access_id]
    held = {
        access.pk: access for access in _order_accesses(Access.objects.open().filter(pk__in=ids))
    }
    changed = [line.person for line in lines if line.kind in _WITH_IDENTITY]
    mine = Access.objects.open().filter(platform=platform)
    known = {
        user.public_id: _build_identity(platform, user)
        for user in User.objects.filter(public_id__in=changed, pk__in=mine.values("user_id"))
    }
    return {
        "changes": [_build_change(line, held, known) for line in lines],
        "next": lines[-1].number if lines else since,
        "more": more,
    }


def _are_lines_gone(
    platform: Platform, feed: QuerySet[AccessChange], since: int, lines: list[AccessChange]
) -> bool:
    """Whether lines between `since`, whose own is not there, and `lines` were purged. The oldest
    lines go first: one before `since` that is still there says that none did.
    """
    first = lines[0].number if lines else platform.change_number + 1
    return first > since + 1 and not feed.filter(number__lt=since).exists()


def _build_change(
    line: AccessChange, held: dict[int, Access], known: dict[UUID, dict[str, str]]
) -> dict[str, Any]:
    access = held.get(line.access_id or 0)
    shown = _build_access(access) if access and line.kind != ChangeKind.ENDED else None
    return {
        "number": line.number,
        "at": line.at,
        "kind": line.kind,
        "subject": line.person,
        "access": _build_access_reference(line),
        "habilitation": shown,
        "identity": known.get(line.person) if line.kind in _WITH_IDENTITY else None,
    }


def _build_access_reference(line: AccessChange) -> dict[str, Any] | None:
    """The access that the line is about, as it was then; None for a line about the account, and
    for one of an access that was gone before lines named theirs.
    """
    if line.access_public_id is None:
        return None
    return {
        "id": line.access_public_id,
        "siret": line.siret or None,
        "kind": line.establishment_kind or None,
        "role": line.role or None,
    }


def _order_accesses(accesses: Any) -> Iterable[Access]:
    found: Iterable[Access] = accesses.select_related(
        "establishment", "establishment__branch"
    ).order_by("granted_at", "pk")
    return found


def _build_access(access: Access) -> dict[str, Any]:
    establishment = access.establishment
    return {
        "id": access.public_id,
        "role": access.role,
        "siret": establishment.siret,
        "establishment": establishment.name,
        "kind": establishment.kind,
        "department": establishment.department_id,
        "branch": establishment.branch.code if establishment.branch else None,
        "granted_at": access.granted_at,
    }


def _build_identity(platform: Platform, user: User) -> dict[str, str]:
    """The values as they are now, under the names of the tickets; the released ones only."""
    values = {
        Attribute.MAIL: user.email,
        Attribute.GIVEN_NAME: user.first_name,
        Attribute.SURNAME: user.last_name,
        Attribute.DISPLAY_NAME: user.full_name,
        Attribute.PHONE: user.phone,
    }
    released = set(platform.attributes)
    if platform.principal == Principal.EMAIL:
        released.add(Attribute.MAIL)
    return {str(name): value for name, value in values.items() if name in released}


def _may_know_address(platform: Platform) -> bool:
    return Attribute.MAIL in platform.attributes or platform.principal == Principal.EMAIL
