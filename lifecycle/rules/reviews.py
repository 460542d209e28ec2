"""Periodic reviews of agents' rights, suspensions and blocks. Reads only.

Nothing ends automatically. Agents are due on fixed days of the year, suspensions and blocks when
their period is over; a confirmation lasts until the next review.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.leaving import block_list
from accounts.people.administrators import select_able_administrators
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.enums import ReviewKind
from lifecycle.models import Review
from lifecycle.rules import dead_mailboxes
from lifecycle.rules.policy import LifecycleRules, latest_idle_anchor
from mgestion.text.dates import end_of_paris_day, paris_date, start_of_paris_day


@dataclass(frozen=True, slots=True)
class ReviewState:
    """Counts of what is to review, and of accounts that wait for an agent (`waiting`). The first
    and the last day are those of the agents' review (Paris dates).
    """

    agents: int
    suspensions: int
    blocks: int
    opened: date
    last_day: date
    late: bool
    waiting: int = 0

    @property
    def total(self) -> int:
        """What the page « Revues » lists."""
        return self.agents + self.suspensions + self.blocks


def get_review_start(now: datetime) -> date:
    """The day on which the current review of the agents began: the first of a month of
    REVIEW_MONTHS (Paris dates).
    """
    today = paris_date(now)
    months = sorted(settings.REVIEW_MONTHS)
    past = [month for month in months if month <= today.month]
    year, month = (today.year, past[-1]) if past else (today.year - 1, months[-1])
    return date(year, month, 1)


def get_review_end(now: datetime) -> date:
    """The last day of the agents' review (Paris date); what is left afterwards is late."""
    return get_review_start(now) + timedelta(days=settings.REVIEW_DAYS)


def select_staff_accounts() -> QuerySet[User]:
    """Every account with staff rights, suspended ones included: lifting gives the rights back."""
    return User.objects.filter(Q(is_staff=True) | Q(is_superuser=True))


def select_agents_to_review(now: datetime) -> QuerySet[User]:
    """Agents not confirmed in the current review; accounts created after its start wait."""
    since = start_of_paris_day(get_review_start(now))
    return select_staff_accounts().filter(
        ~_is_reviewed(ReviewKind.AGENT, since), created_at__lt=since
    )


def select_suspensions_to_review(now: datetime) -> QuerySet[User]:
    """Suspended for REVIEW_SUSPENSION_MONTHS calendar months and not confirmed since."""
    rules = LifecycleRules(idle_months=settings.REVIEW_SUSPENSION_MONTHS)
    before = end_of_paris_day(latest_idle_anchor(paris_date(now), rules))
    return (
        User.objects.filter(status=Status.SUSPENDED, status_since__lt=before)
        .filter(~_is_reviewed(ReviewKind.SUSPENSION, before))
        .order_by("status_since", "pk")
    )


def get_review_state(now: datetime) -> ReviewState:
    return ReviewState(
        agents=select_agents_to_review(now).count(),
        suspensions=select_suspensions_to_review(now).count(),
        blocks=block_list.select_blocks_to_review(now).count(),
        opened=get_review_start(now),
        last_day=get_review_end(now),
        late=paris_date(now) > get_review_end(now),
        waiting=dead_mailboxes.count_waiting(now).total,
    )


def count_overdue_reviews(now: datetime) -> int:
    """Agents still to review after the last day; 0 before it."""
    return select_agents_to_review(now).count() if paris_date(now) > get_review_end(now) else 0


def select_reviewers() -> QuerySet[User]:
    """The national administrators, who review."""
    return select_able_administrators().order_by("pk")


def _is_reviewed(kind: str, since: datetime) -> Exists:
    return Exists(Review.objects.filter(user=OuterRef("pk"), kind=kind, at__gte=since))
