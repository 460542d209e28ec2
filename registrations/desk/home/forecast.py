"""Which open requests will miss their due time, and what could go to another délégation. Pure.

The rule. A délégation decides its open requests in the order of their due times, at the pace of the
last 14 days: its decisions of these days, divided by their 336 hours, nights and Sundays included,
as the 48-hour clock runs through them too. The request of rank k is then decided k/pace hours from
now; it misses when that is after its due time. What is overdue already comes first in the order and
is counted apart. Requests that wait for a document are left out: their clock stands still. Under 10
decisions the pace is unknown, and nothing is foretold.

A move is suggested when the request would be in time in the other délégation, and none of those
that are in time there becomes late by it. It is a suggestion: nothing is moved by itself.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

PACE_DAYS: Final = 14
LEAST_DECISIONS: Final = 10
MOST_MOVES: Final = 100  # of one suggestion: more is a matter of staff, not of a list


@dataclass(frozen=True, slots=True, order=True)
class OpenItem:
    """An open request whose clock runs."""

    due_at: datetime
    reference: str
    key: object = field(default=None, compare=False)  # of its page


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a délégation has to decide, and how many decisions it took in the last 14 days."""

    key: int
    items: tuple[OpenItem, ...]
    decided: int

    @property
    def hours_each(self) -> float | None:
        """Hours from one decision to the next; None: unknown pace."""
        if self.decided < LEAST_DECISIONS:
            return None
        return PACE_DAYS * 24 / self.decided


@dataclass(frozen=True, slots=True)
class ForecastItem:
    item: OpenItem
    expected_at: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """`missing`: those in time today that will not be, the most urgent first; None: unknown."""

    backlog: Backlog
    overdue: int
    missing: list[ForecastItem] | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How many requests should go from one délégation to another, and how many would then be
    decided in time that are not today.
    """

    moves: Mapping[tuple[int, int], int]  # (from, to): keys of délégations
    saved: int


def forecast_backlog(backlog: Backlog, now: datetime) -> Forecast:
    items = sorted(backlog.items)
    overdue = sum(1 for item in items if item.due_at <= now)
    each = backlog.hours_each
    if each is None:
        return Forecast(backlog, overdue, None)
    expected = (
        ForecastItem(item, now + timedelta(hours=rank * each))
        for rank, item in enumerate(items, start=1)
    )
    missing = [
        one for one in expected if one.item.due_at > now and one.expected_at > one.item.due_at
    ]
    return Forecast(backlog, overdue, missing)


def suggest_moves(
    backlogs: Sequence[Backlog], now: datetime, *, of: frozenset[int] | None = None
) -> Suggestion:
    """Moves of requests that will miss, of all délégations or of those named in `of`, each to the
    délégation that would decide it first.
    """
    queues = {one.key: _Queue.of_backlog(one, now) for one in backlogs if one.hours_each}
    before = sum(queue.count_missing() for queue in queues.values())
    moves: Counter[tuple[int, int]] = Counter()
    for source in sorted(queues if of is None else of & queues.keys()):
        rank = 0
        while moves.total() < MOST_MOVES:
            rank_found = queues[source].find_missing(rank)
            if rank_found is None:
                break
            due = queues[source].dues[rank_found]
            takers = [
                (ready, key)
                for key, queue in queues.items()
                if key != source and (ready := queue.try_insert(due)) is not None
            ]
            if not takers:
                rank = rank_found + 1
                continue
            _, taker = min(takers)
            del queues[source].dues[rank_found]
            queues[taker].insert(due)
            moves[source, taker] += 1
            rank = rank_found
    return Suggestion(dict(moves), before - sum(queue.count_missing() for queue in queues.values()))


@dataclass(slots=True)
class _Queue:
    """Hours until the due times, in order, and hours from one decision to the next."""

    dues: list[float]
    each: float

    @classmethod
    def of_backlog(cls, backlog: Backlog, now: datetime) -> "_Queue":
        hours = sorted((item.due_at - now).total_seconds() / 3600 for item in backlog.items)
        return cls(hours, backlog.hours_each or 0)

    def is_missing(self, rank: int) -> bool:
        return 0 < self.dues[rank] < (rank + 1) * self.each

    def count_missing(self) -> int:
        return sum(self.is_missing(rank) for rank in range(len(self.dues)))

    def find_missing(self, start: int) -> int | None:
        ranks = range(start, len(self.dues))
        return next((rank for rank in ranks if self.is_missing(rank)), None)

    def try_insert(self, due: float) -> float | None:
        """When it would be decided here, in hours; None when that is late, or makes others late."""
        rank = bisect_right(self.dues, due)
        ready = (rank + 1) * self.each
        if ready > due:
            return None
        later = range(rank, len(self.dues))
        pushed = any(
            not self.is_missing(each) and 0 < self.dues[each] < (each + 2) * self.each
            for each in later
        )
        return None if pushed else ready

    def insert(self, due: float) -> None:
        self.dues.insert(bisect_right(self.dues, due), due)
