"""The feed of a platform: who may do what there has changed, deletions included."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.habilitations.enums import ChangeKind
from accounts.habilitations.models import Access, AccessChange, Platform


@transaction.atomic
def note(access: Access, kind: ChangeKind, *, now: datetime) -> None:
    """One line, in the transaction of what changed."""
    _append(access.platform_id, kind, [(access.user.public_id, access.pk)], now)


@transaction.atomic
def note_erased(public_ids: Mapping[int, UUID], *, now: datetime) -> int:
    """Tells each platform where these people ever had an access that they are gone; returns the
    number of lines. `public_ids`: by key of the account. To be called before their accesses go.
    """
    pairs = (
        Access.objects.filter(user_id__in=list(public_ids))
        .order_by("platform_id", "user_id")
        .values_list("platform_id", "user_id")
        .distinct()
    )
    by_platform: dict[int, list[tuple[UUID, int | None]]] = {}
    for platform_id, user_id in pairs:
        by_platform.setdefault(platform_id, []).append((public_ids[user_id], None))
    # In the order of the keys: two erasures at once wait for each other and never cross.
    for platform_id in sorted(by_platform):
        _append(platform_id, ChangeKind.ERASED, by_platform[platform_id], now)
    return sum(len(people) for people in by_platform.values())


def _append(
    platform_id: int,
    kind: ChangeKind,
    people: Iterable[tuple[UUID, int | None]],
    now: datetime,
) -> None:
    """The platform's row is held until the commit, so that numbers become visible in their order: a
    reader who remembers the last one misses none.
    """
    lines = list(people)
    row = Platform.objects.filter(pk=platform_id)
    row.update(change_number=F("change_number") + len(lines))
    last = row.values_list("change_number", flat=True).get()
    AccessChange.objects.bulk_create(
        AccessChange(
            platform_id=platform_id,
            number=last - len(lines) + offset,
            kind=kind,
            person=person,
            access_id=access_id,
            at=now,
        )
        for offset, (person, access_id) in enumerate(lines, start=1)
    )
