"""Statistics of the last weeks: volumes, time to decide, refusal reasons.

Counts use columns of the index `request_decided` only, so that an index-only scan answers.
Everything is grouped by the database, over what was sent or decided in the period only, within the
agent's scope. Weeks are those of Paris and begin on Monday.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Func, IntegerField, Q, QuerySet
from django.db.models.functions import TruncWeek

from accounts.habilitations.staff.permissions import Staff, filter_by_scope
from mgestion.text.dates import paris_date
from registrations.requests.enums import RequestOrigin, RequestStatus
from registrations.requests.models import RefusalReason, Request

WEEKS: Final = 12
PARIS: Final = ZoneInfo("Europe/Paris")


class HoursBetween(Func):
    """Whole hours from the second moment to the first, rounded down."""

    output_field = IntegerField()

    def __init__(self, later: str, earlier: str) -> None:
        super().__init__(F(later) - F(earlier))

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / 3600)::integer"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        # There a difference is a number of microseconds.
        template = "CAST(FLOOR(%(expressions)s / 3600000000.0) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **extra)


@dataclass(frozen=True, slots=True)
class WeekFigures:
    starts: date
    received: int
    approved: int
    refused: int

    @property
    def decided(self) -> int:
        return self.approved + self.refused


class DecisionPace:
    """How fast requests were decided: running hours → how many."""

    def __init__(self) -> None:
        self.hours: Counter[int] = Counter()
        self.in_time = 0

    def add(self, hours: int, in_time: bool, count: int) -> None:
        self.hours[max(hours, 0)] += count
        self.in_time += count if in_time else 0

    @property
    def decided(self) -> int:
        return self.hours.total()

    @property
    def median(self) -> int | None:
        """The hour in which the middle one was decided (the earlier of two); None without any."""
        middle, seen = (self.decided + 1) // 2, 0
        for hours in sorted(self.hours):
            seen += self.hours[hours]
            if seen >= middle:
                return hours
        return None

    @property
    def share(self) -> int | None:
        """Per cent decided by their due time, rounded down: 100 means every one."""
        return self.in_time * 100 // self.decided if self.decided else None

    def within(self, start: int, end: int | None) -> int:
        """How many took from `start` to `end` hours, `end` left out; None: as long as it took."""
        return sum(
            count
            for hours, count in self.hours.items()
            if hours >= start and (end is None or hours < end)
        )


@dataclass(frozen=True, slots=True)
class DeskStatistics:
    since: date
    weeks: list[WeekFigures]
    pace: DecisionPace
    by_delegation: dict[int | None, DecisionPace]
    by_dga: dict[int | None, DecisionPace]
    by_platform: dict[int, DecisionPace]
    reasons: list[tuple[str, int]]  # the most frequent first

    @property
    def received(self) -> int:
        return sum(week.received for week in self.weeks)


def get_first_monday(now: datetime) -> date:
    """Where the period begins: eleven Mondays before this week's."""
    today = paris_date(now)
    return today - timedelta(days=today.weekday(), weeks=WEEKS - 1)


def read_statistics(staff: Staff, now: datetime) -> DeskStatistics:
    """Four statements, whatever there is."""
    since = get_first_monday(now)
    start = datetime(since.year, since.month, since.day, tzinfo=PARIS)
    # The file of an access was never decided by the desk: it has no delay.
    rows = Request.objects.filter(filter_by_scope(staff)).exclude(origin=RequestOrigin.STAFF)
    rows = rows.order_by()
    decided = rows.filter(decided_at__gte=start)
    sent = _count_by_week(rows.filter(submitted_at__gte=start), "submitted_at")
    ended = _count_by_week(decided, "decided_at", "status")
    pace, by_delegation, by_dga, by_platform = _measure_paces(decided)
    mondays = [since + timedelta(weeks=number) for number in range(WEEKS)]
    return DeskStatistics(
        since=since,
        weeks=[
            WeekFigures(
                monday,
                sent[monday,],
                ended[monday, RequestStatus.APPROVED],
                ended[monday, RequestStatus.REFUSED],
            )
            for monday in mondays
        ],
        pace=pace,
        by_delegation=by_delegation,
        by_dga=by_dga,
        by_platform=by_platform,
        reasons=_count_refusal_reasons(decided),
    )


def _count_by_week(rows: QuerySet[Request], moment: str, *others: str) -> Counter[tuple[Any, ...]]:
    grouped = (
        rows.annotate(week=TruncWeek(moment, tzinfo=PARIS))
        .values_list("week", *others)
        .annotate(count=Count("*"))
    )
    return Counter({(week.date(), *rest): count for week, *rest, count in grouped})


def _measure_paces(
    decided: QuerySet[Request],
) -> tuple[
    DecisionPace,
    dict[int | None, DecisionPace],
    dict[int | None, DecisionPace],
    dict[int, DecisionPace],
]:
    """The due time is the submission plus the running clock: the time left over says the time
    taken, pauses excluded."""
    allowed = int(settings.REVIEW_DUE.total_seconds() // 3600)
    overall = DecisionPace()
    by_delegation: dict[int | None, DecisionPace] = {}
    by_dga: dict[int | None, DecisionPace] = {}
    by_platform: dict[int, DecisionPace] = {}
    grouped = (
        decided.annotate(over=HoursBetween("decided_at", "due_at"))
        .values_list("delegation_id", "dga_id", "platform_id", "over")
        .annotate(
            count=Count("*"), in_time=Count("decided_at", filter=Q(decided_at__lte=F("due_at")))
        )
    )
    for delegation, dga, platform, over, count, in_time in grouped:
        for pace in (
            overall,
            by_delegation.setdefault(delegation, DecisionPace()),
            by_dga.setdefault(dga, DecisionPace()),
            by_platform.setdefault(platform, DecisionPace()),
        ):
            pace.add(over + allowed, True, in_time)
            pace.add(over + allowed, False, count - in_time)
    return overall, by_delegation, by_dga, by_platform


def _count_refusal_reasons(decided: QuerySet[Request]) -> list[tuple[str, int]]:
    grouped = (
        decided.filter(status=RequestStatus.REFUSED)
        .values_list("refusal_reason")
        .annotate(count=Count("*"))
    )
    counts: dict[int | None, int] = dict(grouped)
    labels: dict[int | None, str] = dict(RefusalReason.objects.values_list("pk", "label"))
    found = [(labels.get(key, "Sans motif enregistré"), count) for key, count in counts.items()]
    return sorted(found, key=lambda row: (-row[1], row[0]))
