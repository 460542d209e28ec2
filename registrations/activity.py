"""A page of M-Gestion seen under a live session counts as activity (D22, D34)."""

from datetime import datetime

from accounts import standing
from accounts.habilitations.models import PlatformActivity
from accounts.models import User
from mgestion.dates import paris_date
from mgestion.web.readonly import Reason, allow_writes


def stamp(user: User, *, platform_id: int | None = None, now: datetime) -> None:
    """At most one write per row and per day of Paris; what is fresh costs no write at all."""
    if user.last_activity_at is None or _older(user.last_activity_at, now):
        with allow_writes(Reason.ACTIVITY_STAMP):
            standing.note_activity(user.pk, now=now)
    if platform_id is None:
        return
    seen = PlatformActivity.objects.filter(user=user, platform_id=platform_id)
    last = seen.values_list("last_at", flat=True).first()
    if last is not None and not _older(last, now):
        return
    with allow_writes(Reason.ACTIVITY_STAMP):
        if last is not None:
            seen.filter(last_at__lt=now).update(last_at=now)  # only moves forward (D22)
        else:
            # Two tabs at once: the constraint lets one create, and the other has nothing to add.
            PlatformActivity.objects.bulk_create(
                [PlatformActivity(user=user, platform_id=platform_id, last_at=now)],
                ignore_conflicts=True,
            )


def _older(moment: datetime, now: datetime) -> bool:
    return paris_date(moment) < paris_date(now)
