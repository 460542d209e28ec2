"""How fast requests are decided, pauses excluded: the figures of the desk and those that applicants
read.

Counts use columns of the index `request_decided` only, so that an index-only scan answers.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Func, IntegerField, Q, QuerySet

from registrations.requests.models import Request


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


class DecisionPace:
    """How fast requests were decided: running hours → how many."""

    def __init__(self) -> None:
        self.hours: Counter[int] = Counter()
        self.in_time = 0

    def add(self, hours: int, in_time: bool, count: int) -> None:
        self.hours[max(hours, 0)] += count
        self.in_time += count if in_time else 0

    def add_group(self, hours: int, in_time: int, late: int) -> None:
        self.add(hours, True, in_time)
        self.add(hours, False, late)

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


def count_by_hours(
    decided: QuerySet[Request], *keys: str
) -> Iterator[tuple[tuple[Any, ...], int, int, int]]:
    """(values of `keys`, running hours, how many by their due time, how many after it).

    The due time is the submission, or the re-opening, plus 48 h and the pauses: what is left of it
    at the decision says the time taken.
    """
    allowed = int(settings.REVIEW_DUE.total_seconds() // 3600)
    grouped = (
        decided.order_by()
        .annotate(over=HoursBetween("decided_at", "due_at"))
        .values_list(*keys, "over")
        .annotate(
            count=Count("*"), in_time=Count("decided_at", filter=Q(decided_at__lte=F("due_at")))
        )
    )
    for *found, over, count, in_time in grouped:
        yield tuple(found), over + allowed, in_time, count - in_time
