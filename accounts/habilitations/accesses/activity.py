"""When a person was last on a platform: for the services page, and for the clock of the account."""

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.habilitations.accesses.models import Access, PlatformActivity
from accounts.habilitations.platforms.models import Platform
from accounts.people import account_states
from accounts.people.models import User
from mgestion.text.dates import paris_date


def note_platform_entry(
    user: User, platform: Platform, *, noted_today: bool, now: datetime
) -> None:
    """A person has just entered `platform`. `noted_today`: it is known already, by the caller.

    At most one write per row and Paris day. Only a platform that counts for this account moves its
    clock; the other ones are remembered for the person alone.
    """
    if _is_older_day(user.last_activity_at, now) and counts_as_activity(user.pk, platform):
        account_states.note_activity(user.pk, now=now)
    if not noted_today:
        raise_last_activity(user.pk, platform.pk, now)


def counts_as_activity(user_id: int, platform: Platform) -> bool:
    """Whether activity on `platform` is activity of this account: on a listed platform it
    always is, on another one as long as the account has no access to a listed one.
    """
    return platform.counts_for_inactivity or not holds_listed_access(user_id)


def holds_listed_access(user_id: int) -> bool:
    return select_listed_accesses().filter(user_id=user_id).exists()


def select_listed_accesses() -> QuerySet[Access]:
    """The open accesses to platforms that count for everybody."""
    return Access.objects.open().filter(platform__counts_for_inactivity=True)


def raise_last_activity(user_id: int, platform_id: int, at: datetime) -> bool:
    """The last activity becomes `at` if it was earlier: it only moves forward. Whether it moved."""
    # Two at once: the constraint lets one create, and the other one finds the row.
    rows = PlatformActivity.objects.filter(user_id=user_id, platform_id=platform_id)
    if rows.filter(last_at__lt=at).update(last_at=at):
        return True
    if rows.exists():
        return False
    PlatformActivity.objects.bulk_create(
        [PlatformActivity(user_id=user_id, platform_id=platform_id, last_at=at)],
        ignore_conflicts=True,
    )
    return rows.filter(Q(last_at=at)).exists()


def _is_older_day(moment: datetime | None, now: datetime) -> bool:
    return moment is None or paris_date(moment) < paris_date(now)
