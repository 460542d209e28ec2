"""A page of M-Gestion seen under a live session counts as activity (D22, D34)."""

from datetime import datetime

from accounts.habilitations.accesses.activity import raise_to
from accounts.people import account_states
from accounts.people.models import User
from mgestion.text.dates import paris_date
from mgestion.web.middleware.readonly import WriteReason, allow_writes


def record_activity(user: User, *, now: datetime) -> None:
    """At most one write per row and per day of Paris; what is fresh costs no write at all."""
    if user.last_activity_at is None or _is_earlier_day(user.last_activity_at, now):
        with allow_writes(WriteReason.ACTIVITY_STAMP):
            account_states.note_activity(user.pk, now=now)


def record_platform_activity(
    user: User, platform_id: int, *, last: datetime | None, now: datetime
) -> None:
    """The same, on M-Gestion too. `last`: what is known already, read by the caller."""
    record_activity(user, now=now)
    if last is not None and not _is_earlier_day(last, now):
        return
    with allow_writes(WriteReason.ACTIVITY_STAMP):
        raise_to(user.pk, platform_id, now)


def _is_earlier_day(moment: datetime, now: datetime) -> bool:
    return paris_date(moment) < paris_date(now)
