"""The feed of a platform: who may do what there has changed, and who its people are; deletions
included.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from accounts.habilitations.accesses.models import Access, AccessChange
from accounts.habilitations.enums import Attribute, ChangeKind, Principal
from accounts.habilitations.platforms.models import Platform

# Which attributes a field of the account is told in.
TOLD_IN: Final[Mapping[str, frozenset[str]]] = {
    "email": frozenset({Attribute.MAIL}),
    "first_name": frozenset({Attribute.GIVEN_NAME, Attribute.DISPLAY_NAME}),
    "last_name": frozenset({Attribute.SURNAME, Attribute.DISPLAY_NAME}),
    "phone": frozenset({Attribute.PHONE}),
}
# More than any backup is behind; a gap in numbers is nothing to readers.
_SKIPPED: Final = 1_000_000


@transaction.atomic
def record_access_change(access: Access, kind: ChangeKind, *, now: datetime) -> None:
    """One line, in the transaction of what changed."""
    _append_changes(access.platform_id, [_build_change(access, kind, now)])


@transaction.atomic
def record_access_changes(accesses: Sequence[tuple[Access, ChangeKind, datetime]]) -> None:
    """The same for rows that were written in bulk, in the order given: each with its moment."""
    by_platform: dict[int, list[AccessChange]] = {}
    for access, kind, at in accesses:
        by_platform.setdefault(access.platform_id, []).append(_build_change(access, kind, at))
    for platform_id in sorted(by_platform):
        _append_changes(platform_id, by_platform[platform_id])


def _build_change(access: Access, kind: ChangeKind, at: datetime) -> AccessChange:
    return AccessChange(
        kind=kind,
        person=access.user.public_id,
        access_id=access.pk,
        access_public_id=access.public_id,
        siret=access.establishment.siret,
        establishment_kind=access.establishment.kind,
        role=access.role,
        at=at,
    )


@transaction.atomic
def record_erased_people(public_ids: Mapping[int, UUID], *, now: datetime) -> int:
    """Tells each platform where these people ever had an access that they are gone, and empties
    what earlier lines say of them; returns the number of new lines. `public_ids`: by key of the
    account. To be called before their accesses go.
    """
    told = AccessChange.objects.filter(person__in=list(public_ids.values())).exclude(siret="")
    told.update(siret="", establishment_kind="", role="")
    pairs = (
        Access.objects.filter(user_id__in=list(public_ids))
        .order_by("platform_id", "user_id")
        .values_list("platform_id", "user_id")
        .distinct()
    )
    by_platform: dict[int, list[AccessChange]] = {}
    for platform_id, user_id in pairs:
        line = AccessChange(kind=ChangeKind.ERASED, person=public_ids[user_id], at=now)
        by_platform.setdefault(platform_id, []).append(line)
    # In the order of the keys: two erasures at once wait for each other and never cross.
    for platform_id in sorted(by_platform):
        _append_changes(platform_id, by_platform[platform_id])
    return sum(len(lines) for lines in by_platform.values())


@transaction.atomic
def record_standing_change(user_ids: Collection[int], active: bool, *, now: datetime) -> None:
    """Tells the platforms where these people hold an access that their accounts may be used again,
    or may not for now: deactivated, suspended, closing. A suspended access counts: given back, it
    would else leave the platform with the last thing that it was told of the account.
    """
    kind = ChangeKind.ENABLED if active else ChangeKind.DISABLED
    _record_people_change(user_ids, kind, now=now, accesses=Access.objects.open_or_suspended())


@transaction.atomic
def record_identity_change(user_id: int, fields: Collection[str], *, now: datetime) -> None:
    """Tells the platforms where the person holds an open access that `fields` of the account have
    changed; only those that are released one of them.
    """
    wanted = frozenset[str]().union(*(TOLD_IN[name] for name in fields if name in TOLD_IN))
    mine = Access.objects.open().filter(user_id=user_id)
    told = [
        platform.pk
        for platform in Platform.objects.filter(pk__in=mine.values("platform"))
        if wanted & set(platform.attributes)
        or ("email" in fields and platform.principal == Principal.EMAIL)
    ]
    _record_people_change(
        [user_id], ChangeKind.IDENTITY, now=now, accesses=mine.filter(platform_id__in=told)
    )


def purge_old_changes(now: datetime) -> dict[str, int]:
    """Deletes lines older than RETENTION["access_changes"]. A platform that has not read them is
    told so, and reads everybody anew (`people_feed.list_changes`).
    """
    old = AccessChange.objects.filter(at__lt=now - settings.RETENTION["access_changes"])
    return {"changes": old.delete()[0]}


def skip_change_numbers() -> None:
    """After a restored backup: the feeds go on at numbers that no platform can have read. Else one
    that remembers the 120 of before would never see what now becomes 101 to 120.
    """
    Platform.objects.update(change_number=F("change_number") + _SKIPPED)


def _record_people_change(
    user_ids: Collection[int],
    kind: ChangeKind,
    *,
    now: datetime,
    accesses: QuerySet[Access],
) -> None:
    pairs = (
        accesses.filter(user_id__in=user_ids)
        .order_by("platform_id", "user_id")
        .values_list("platform_id", "user__public_id")
        .distinct()
    )
    by_platform: dict[int, list[AccessChange]] = {}
    for platform_id, public_id in pairs:
        line = AccessChange(kind=kind, person=public_id, at=now)
        by_platform.setdefault(platform_id, []).append(line)
    for platform_id in sorted(by_platform):  # always in this order, as deletions do
        _append_changes(platform_id, by_platform[platform_id])


def _append_changes(platform_id: int, lines: Sequence[AccessChange]) -> None:
    """The platform's row is held until the commit, so that numbers become visible in their order: a
    reader who remembers the last one misses none.
    """
    row = Platform.objects.filter(pk=platform_id)
    row.update(change_number=F("change_number") + len(lines))
    last = row.values_list("change_number", flat=True).get()
    for offset, line in enumerate(lines, start=1):
        line.platform_id, line.number = platform_id, last - len(lines) + offset
    AccessChange.objects.bulk_create(lines)
