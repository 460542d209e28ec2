"""How many requests each choice of a filter would show, whatever the others say: one statement."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db.models import BooleanField, Case, CharField, Count, QuerySet, Value, When

from accounts.enums import Status
from registrations.requests.desk_clock import in_state
from registrations.requests.enums import DueState
from registrations.requests.models import Request
from registrations.requests.review_hints import Signal, codes_of


@dataclass(frozen=True, slots=True)
class Cell:
    """Requests that no filter tells apart, and how many there are."""

    status: str
    due: str  # empty once closed
    delegation: int | None
    dga: int | None
    kind: str
    assignee: int | None
    signals: frozenset[str]
    count: int


class Sorted(Protocol):
    """What the tally needs of a filter."""

    @property
    def parameter_name(self) -> str: ...
    @property
    def chosen(self) -> str: ...
    def keys(self, cell: Cell) -> Iterable[str]: ...


def cells(
    rows: QuerySet[Request], now: datetime, blocked: Collection[int] = frozenset()
) -> list[Cell]:
    """Grouped by the database; open requests are few beside all that were ever sent.

    `blocked`: ids of the people whose requests raise that signal.
    """
    due = Case(
        *(When(in_state(state, now), then=Value(state.value)) for state in DueState),
        default=Value(""),
        output_field=CharField(),
    )
    grouped = (
        rows.order_by()
        .annotate(due=due, away=_away(), barred=_barred(blocked))
        .values_list(
            "status",
            "due",
            "delegation_id",
            "dga_id",
            "kind",
            "assignee_id",
            "signals",
            "department__in_territory",
            "away",
            "barred",
        )
        .annotate(count=Count("pk"))
    )
    return [
        Cell(status, state, delegation, dga, kind, assignee, _signals(kept, raised), count)
        for status, state, delegation, dga, kind, assignee, kept, own, off, barred, count in grouped
        for raised in (
            {
                Signal.TERRITORY: not own,
                Signal.UNROUTED: delegation is None,
                Signal.ACCOUNT: off,
                Signal.BLOCKED: barred,
            },
        )
    ]


def _signals(kept: str, raised: Mapping[Signal, bool]) -> frozenset[str]:
    return codes_of(kept) | {signal.value for signal, stands in raised.items() if stands}


def _away() -> Case:
    """Whether the person's account is in another state than active."""
    return Case(
        When(user__status=Status.ACTIVE, then=Value(False)),
        default=Value(True),
        output_field=BooleanField(),
    )


def _barred(blocked: Collection[int]) -> Case | Value:
    if not blocked:
        return Value(False)
    return Case(
        When(user_id__in=blocked, then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )


def tally(found: list[Cell], filters: Iterable[Sorted]) -> Mapping[str, Counter[str]]:
    """Filter → choice → how many it would show. A filter's own choice does not narrow its figures:
    they say what another choice would give.
    """
    specs = list(filters)
    figures: dict[str, Counter[str]] = {spec.parameter_name: Counter() for spec in specs}
    for cell in found:
        keys = {spec.parameter_name: tuple(spec.keys(cell)) for spec in specs}
        left_out = [
            spec.parameter_name
            for spec in specs
            if spec.chosen and spec.chosen not in keys[spec.parameter_name]
        ]
        if len(left_out) > 1:
            continue
        for name in left_out or figures:
            # "" is the choice that narrows nothing.
            for key in ("", *keys[name]):
                figures[name][key] += cell.count
    return figures
