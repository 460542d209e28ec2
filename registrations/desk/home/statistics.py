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

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncWeek

from accounts.habilitations.staff.permissions import Staff, filter_by_scope
from mgestion.text.dates import paris_date
from registrations.promise.paces import DecisionPace, count_by_hours
from registrations.requests.enums import RequestOrigin, RequestStatus
from registrations.requests.models import RefusalReason, Request

WEEKS: Final = 12
PARIS: Final = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class WeekFigures:
    starts: date
    received: int
    approved: int
    refused: int

    @property
    def decided(self) -> int:
        return self.approved + self.refused


@dataclass(frozen=True, slots=True)
class DeskStatistics:
    since: date
    weeks: list[WeekFigures]
    pace: DecisionPace
    by_delegation: dict[int | None, DecisionPace]
    by_dga: dict[int | None, DecisionPace]
    by_platform: dict[int | None, DecisionPace]
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
    pace, (by_delegation, by_dga, by_platform) = _measure_paces(decided)
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
) -> tuple[DecisionPace, list[dict[int | None, DecisionPace]]]:
    """Overall, and by délégation, by DGA and by platform."""
    fields = ("delegation_id", "dga_id", "platform_id")
    overall = DecisionPace()
    holders: list[dict[int | None, DecisionPace]] = [{} for _ in fields]
    for keys, *figures in count_by_hours(decided, *fields):
        overall.add_group(*figures)
        for paces, key in zip(holders, keys, strict=True):
            paces.setdefault(key, DecisionPace()).add_group(*figures)
    return overall, holders


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
