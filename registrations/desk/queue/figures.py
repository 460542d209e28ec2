"""The figures beside the filters' choices: exact over what is open, or over what a search finds.

Beyond that only the statuses have theirs, counted up to a bound and then said in words, so that the
page costs the same at any number of rows.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from registrations.desk.queue.facets import Cell, cells, tally
from registrations.desk.queue.filters import (
    ALL,
    TO_DO,
    UNDELIVERED,
    AssigneeFilter,
    QueueFilter,
    StatusFilter,
)
from registrations.desk.reminders.undelivered_list import with_notices
from registrations.requests.desk_clock import OPEN
from registrations.requests.enums import OPEN_STATUSES, RequestStatus
from registrations.requests.models import Request

LIMIT: Final = 1000
BEYOND: Final = "1\u202f000+"
_CLOSED: Final = (RequestStatus.APPROVED, RequestStatus.REFUSED, RequestStatus.CANCELLED)
# With these filters alone, an index answers how many closed requests there are.
_INDEXED: Final = frozenset({"statut", "delegation"})

Rows = QuerySet[Request]


def bounded(rows: Rows) -> int:
    """How many rows, or one more than the bound. Naming a column of the indexes and no other lets
    them answer alone."""
    return rows.order_by().values("status")[: LIMIT + 1].count()


def in_words(count: int) -> str:
    return BEYOND if count > LIMIT else str(count)


def put(
    scoped: Rows,
    found: Rows | None,
    filters: Sequence[QueueFilter],
    now: datetime,
    blocked: frozenset[int],
) -> list[Cell]:
    """Give each filter its figures; returns the cells of all that is open in the scope.

    `scoped`: every row that the agent may see. `found`: those among them that a search finds,
    None without a search.
    """
    todo = cells(scoped.filter(OPEN), now, blocked)
    counted = todo if found is None else _searched(scoped, found, now, blocked)
    for spec in filters:
        if isinstance(spec, AssigneeFilter):
            spec.meet(counted or todo)
    figures = tally(counted or [], filters)
    status = next(spec for spec in filters if isinstance(spec, StatusFilter))
    known = counted is not None and (found is not None or status.chosen in (TO_DO, *OPEN_STATUSES))
    for spec in filters:
        if known or (spec is status and found is None):
            spec.figures = figures[spec.parameter_name]
    if found is None:
        status.beyond = _closed(scoped, filters, status.figures or Counter())
    status.beyond[UNDELIVERED] = _undelivered(scoped if found is None else found, filters)
    return todo


def _undelivered(rows: Rows, filters: Sequence[QueueFilter]) -> str:
    """Requests of which a mail never arrived, open or closed: few, and looked up by their keys."""
    rows = rows.filter(pk__in=with_notices())
    for spec in filters:
        if spec.chosen and spec.parameter_name != "statut":
            rows = spec.queryset(spec.request, rows)
    return in_words(bounded(rows))


def _searched(
    scoped: Rows, found: Rows, now: datetime, blocked: frozenset[int]
) -> list[Cell] | None:
    """The cells of what a search finds; None when that is more than the bound."""
    keys = found.order_by().values("pk")[: LIMIT + 1]
    grouped = cells(scoped.filter(pk__in=keys), now, blocked)
    return grouped if sum(cell.count for cell in grouped) <= LIMIT else None


def _closed(
    scoped: Rows, filters: Sequence[QueueFilter], figures: "Counter[str]"
) -> dict[str, str]:
    """The figures of the closed statuses, in words; empty ones where no index would answer."""
    narrowing = [spec for spec in filters if spec.chosen and spec.parameter_name != "statut"]
    if any(spec.parameter_name not in _INDEXED for spec in narrowing):
        return dict.fromkeys((*_CLOSED, ALL), "")
    for spec in narrowing:
        scoped = spec.queryset(spec.request, scoped)
    counts = {code: bounded(scoped.filter(status=code)) for code in _CLOSED}
    total = figures[TO_DO] + sum(counts.values())
    return {
        **{code: in_words(count) for code, count in counts.items()},
        ALL: in_words(total),
    }
