"""The forecast on the agents' home page: read in two statements, worded."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from accounts.habilitations.reference.models import Delegation, shorten_delegation_name
from accounts.habilitations.staff.permissions import Staff
from registrations.desk.home.forecast import (
    PACE_DAYS,
    Backlog,
    Forecast,
    ForecastItem,
    OpenItem,
    forecast_backlog,
    suggest_moves,
)
from registrations.desk.queue import filters
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request

MOST_READ: Final = 5000  # open requests, the most urgent first
SHOWN: Final = 5  # of one délégation


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One délégation. `shown`: the most urgent of those that will miss."""

    name: str
    url: str  # its part of the queue
    open: int
    overdue: int
    pace: str  # decisions a day, "" when unknown
    missing: int
    shown: list[ForecastItem]


@dataclass(frozen=True, slots=True)
class MoveLine:
    count: int
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class DeskForecast:
    rows: list[ForecastRow]  # where something will miss; of a reviewer, all that have a pace
    unknown: list[ForecastRow]  # where the pace is unknown
    missing: int
    saved: int
    moves: list[MoveLine]
    more: bool  # whether only the most urgent requests were read
    days: int = PACE_DAYS


def build_forecast(
    staff: Staff, now: datetime, delegations: Sequence[Delegation]
) -> DeskForecast | None:
    """Of all délégations, or of those of a reviewer; None for who has none. `delegations`: all."""
    own = None if staff.sees_everything else staff.delegation_ids
    if own is not None and not own:
        return None
    backlogs, more = read_backlogs(delegations, now)
    seen = [
        forecast_backlog(one, now)
        for one in backlogs
        if one.items and (own is None or one.key in own)
    ]
    told = [one for one in seen if one.missing or (one.missing is not None and own is not None)]
    missing = sum(len(one.missing or ()) for one in seen)
    advice = suggest_moves(backlogs, now, of=own) if missing else None
    named = {row.pk: row for row in delegations}
    return DeskForecast(
        rows=[_build_forecast_row(named[one.backlog.key], one) for one in told],
        unknown=[
            _build_forecast_row(named[one.backlog.key], one) for one in seen if one.missing is None
        ],
        missing=missing,
        saved=advice.saved if advice else 0,
        moves=[
            MoveLine(
                count,
                shorten_delegation_name(named[source].name),
                shorten_delegation_name(named[target].name),
            )
            for (source, target), count in sorted(
                advice.moves.items() if advice else (), key=lambda move: (-move[1], move[0])
            )
        ],
        more=more,
    )


def read_backlogs(delegations: Iterable[Delegation], now: datetime) -> tuple[list[Backlog], bool]:
    """Their backlogs, and whether there are more open requests than were read. What an
    administrator of an establishment decided says nothing of a délégation's pace.
    """
    rows = list(
        Request.objects.filter(status=RequestStatus.SUBMITTED, delegation__isnull=False)
        .order_by("due_at", "pk")
        .values_list("delegation_id", "due_at", "reference", "pk")[: MOST_READ + 1]
    )
    items: dict[int | None, list[OpenItem]] = defaultdict(list)
    for delegation, due_at, reference, pk in rows[:MOST_READ]:
        items[delegation].append(OpenItem(due_at, reference, pk))
    since = now - timedelta(days=PACE_DAYS)
    paces = (
        Request.objects.decided_by_desk()
        .filter(decided_at__gt=since, decided_at__lte=now)
        .order_by()
        .values_list("delegation_id")
        .annotate(count=Count("pk"))
    )
    decided: dict[int | None, int] = dict(paces)
    return [
        Backlog(row.pk, tuple(items.get(row.pk, ())), decided.get(row.pk, 0)) for row in delegations
    ], len(rows) > MOST_READ


def _build_forecast_row(delegation: Delegation, found: Forecast) -> ForecastRow:
    backlog, missing = found.backlog, found.missing or []
    query = urlencode({"statut": filters.TO_DO, "delegation": delegation.code})
    each = backlog.hours_each
    return ForecastRow(
        name=shorten_delegation_name(delegation.name),
        url=f"{reverse('admin:registrations_request_changelist')}?{query}",
        open=len(backlog.items),
        overdue=found.overdue,
        pace=f"{24 / each:.1f}".replace(".", ",") if each else "",
        missing=len(missing),
        shown=missing[:SHOWN],
    )
