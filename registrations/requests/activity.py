"""Records that a signed-in person used the portal: a page viewed counts as activity."""

from datetime import datetime

from accounts.habilitations.accesses.activity import raise_last_activity
from accounts.people import account_states
from accounts.people.models import User
from mgestion.text.dates import paris_date
from mgestion.web.middleware.readonly import WriteReason, allow_writes


def record_activity(user: User, *, now: datetime) -> None:
    """Write at most once per account and per Paris day."""
    if user.last_activity_at is None or _is_earlier_day(user.last_activity_at, now):
        with allow_writes(WriteReason.ACTIVITY_STAMP):
            account_states.note_activity(user.pk, now=now)


def record_platform_activity(
    user: User, platform_id: int, *, last: datetime | None, now: datetime
) -> None:
    """Record activity on the account and the platform; `last` is the stored platform activity."""
    record_activity(user, now=now)
    if last is not None and not _is_earlier_day(last, now):
        return
    with allow_writes(WriteReason.ACTIVITY_STAMP):
        raise_last_activity(user.pk, platform_id, now)


def _is_earlier_day(moment: datetime, now: datetime) -> bool:
    return paris_date(moment) < paris_date(now)
