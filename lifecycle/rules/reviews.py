"""What must not stay by habit: agents' rights (D61), suspensions (D30), blocks (D62).

Nothing ends by itself here. Agents come up on set days of the year, the others when their time has
passed; who confirms puts them off until the next time.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.leaving import block_list
from accounts.people.administrators import able
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.enums import ReviewKind
from lifecycle.models import Review
from lifecycle.rules import dead_mailboxes
from lifecycle.rules.policy import Rules, latest_idle_anchor
from mgestion.text.dates import end_of_paris_day, paris_date, start_of_paris_day


@dataclass(frozen=True, slots=True)
class State:
    """How many are to review, and how many accounts wait for an agent (`waiting`, D71). `opened`,
    `last_day`: of the agents' review, Paris dates.
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
        """Of the page « Revues »."""
        return self.agents + self.suspensions + self.blocks


def opened(now: datetime) -> date:
    """The day on which the current review of the agents began: the first of a month of
    REVIEW_MONTHS (Paris dates).
    """
    today = paris_date(now)
    months = sorted(settings.REVIEW_MONTHS)
    past = [month for month in months if month <= today.month]
    year, month = (today.year, past[-1]) if past else (today.year - 1, months[-1])
    return date(year, month, 1)


def last_day(now: datetime) -> date:
    """The last day of the review; what is left afterwards is late."""
    return opened(now) + timedelta(days=settings.REVIEW_DAYS)


def staff() -> QuerySet[User]:
    """Every account with an agent's rights, also one that is suspended: lifting gives them back."""
    return User.objects.filter(Q(is_staff=True) | Q(is_superuser=True))


def agents(now: datetime) -> QuerySet[User]:
    """Agents whom nobody has confirmed in the current review. Who came after it began waits for
    the next one.
    """
    since = start_of_paris_day(opened(now))
    return staff().filter(~_reviewed(ReviewKind.AGENT, since), created_at__lt=since)


def suspensions(now: datetime) -> QuerySet[User]:
    """Suspended for 24 calendar months (REVIEW_SUSPENSION_MONTHS), nor confirmed since."""
    rules = Rules(idle_months=settings.REVIEW_SUSPENSION_MONTHS)
    before = end_of_paris_day(latest_idle_anchor(paris_date(now), rules))
    return (
        User.objects.filter(status=Status.SUSPENDED, status_since__lt=before)
        .filter(~_reviewed(ReviewKind.SUSPENSION, before))
        .order_by("status_since", "pk")
    )


def state(now: datetime) -> State:
    return State(
        agents=agents(now).count(),
        suspensions=suspensions(now).count(),
        blocks=block_list.to_review(now).count(),
        opened=opened(now),
        last_day=last_day(now),
        late=paris_date(now) > last_day(now),
        waiting=dead_mailboxes.waiting(now).total,
    )


def overdue(now: datetime) -> int:
    """Agents still to review after the last day, for /metrics and the desk."""
    return agents(now).count() if paris_date(now) > last_day(now) else 0


def administrators() -> QuerySet[User]:
    """Who reviews: the national administrators."""
    return able().order_by("pk")


def _reviewed(kind: str, since: datetime) -> Exists:
    return Exists(Review.objects.filter(user=OuterRef("pk"), kind=kind, at__gte=since))
