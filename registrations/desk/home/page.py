"""The agents' home page: what to do next, and figures of the last weeks, within their scope."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Delegation, Dga
from accounts.habilitations.reference.querysets import list_unrouted_choices
from accounts.habilitations.staff.permissions import Staff, filter_by_scope, may_decide
from accounts.people.models import User
from mgestion.admin import charts
from registrations.desk.decision.panels.evidence import find_next_request
from registrations.desk.home import statistics
from registrations.desk.home.forecast_page import build_forecast
from registrations.desk.opinions.models import Opinion
from registrations.desk.opinions.opinion_access import select_opinions_asked_of
from registrations.desk.queue import filters
from registrations.desk.queue.counters import build_counters
from registrations.establishments.establishment_figures import count_establishments_to_watch
from registrations.promise.paces import DecisionPace
from registrations.requests.enums import DueState
from registrations.requests.models import Request
from registrations.requests.review.review_clock import OPEN, filter_by_due_state

OPINIONS_SHOWN: Final = 20
# Running hours, the last bound left open: the promise is 48. In full, and under its bar.
_DELAY_SPANS: Final = (
    ("moins de 6\u00a0h", "<\u00a06\u00a0h", 0, 6),
    ("6 à 12\u00a0h", "6–12\u00a0h", 6, 12),
    ("12 à 24\u00a0h", "12–24\u00a0h", 12, 24),
    ("24 à 36\u00a0h", "24–36\u00a0h", 24, 36),
    ("36 à 48\u00a0h", "36–48\u00a0h", 36, 48),
    ("48\u00a0h et plus", "≥\u00a048\u00a0h", 48, None),
)


@dataclass(frozen=True, slots=True)
class HolderFigures:
    """A délégation or a DGA: what it has to do, and how it went."""

    name: str
    url: str
    open: int
    late: int
    decided: int
    share: int | None
    median: int | None


# By the key of its holder: how many requests are open, and how many of these are late.
OpenCounts = dict[int | None, tuple[int, int]]


def build_home_context(user: User, staff: Staff, now: datetime) -> dict[str, Any]:
    done = statistics.read_statistics(staff, now)
    everything = staff.sees_everything
    delegations = list(Delegation.objects.order_by("name"))
    return {
        "counters": build_counters(user, staff, now),
        "opinions": _list_awaited_opinions(user, staff),
        "watched": count_establishments_to_watch(staff, now),
        "unrouted": list_unrouted_choices() if everything else [],
        "decides": may_decide(staff),
        "next_item": find_next_request(None, staff, user) if may_decide(staff) else None,
        "forecast": build_forecast(staff, now, delegations),
        "done": done,
        "volumes": _draw_weekly_volumes(done),
        "delays": _draw_decision_delays(done),
        "spans": [(name, done.pace.within(start, end)) for name, _, start, end in _DELAY_SPANS],
        "reasons": charts.lines(done.reasons),
        **(
            _compare_holders(done, staff, now, delegations) if everything else {"by_delegation": []}
        ),
    }


def _list_awaited_opinions(user: User, staff: Staff) -> list[Opinion]:
    """Asked of this agent, the request that is due first first."""
    rows = select_opinions_asked_of(user, staff).select_related("request")
    return list(rows.order_by("request__due_at", "pk")[:OPINIONS_SHOWN])


def _draw_weekly_volumes(done: statistics.DeskStatistics) -> charts.Columns:
    decided = sum(week.decided for week in done.weeks)
    return charts.columns(
        "volumes",
        "Demandes reçues et décidées par semaine",
        f"{done.received} reçues et {decided} décidées en {statistics.WEEKS} semaines.",
        [f"{week.starts:%d/%m}" for week in done.weeks],
        [
            ("Reçues", [week.received for week in done.weeks]),
            ("Décidées", [week.decided for week in done.weeks]),
        ],
    )


def _draw_decision_delays(done: statistics.DeskStatistics) -> charts.Columns:
    values = [done.pace.within(start, end) for _, _, start, end in _DELAY_SPANS]
    return charts.columns(
        "delays",
        "Délai de décision, pauses exclues",
        f"{done.pace.in_time} décisions sur {done.pace.decided} dans les 48\u00a0h.",
        [short for _, short, _, _ in _DELAY_SPANS],
        [("Décisions", values)],
        width=480,
        figures=True,
    )


def _compare_holders(
    done: statistics.DeskStatistics, staff: Staff, now: datetime, delegations: Iterable[Delegation]
) -> dict[str, list[HolderFigures]]:
    """Délégations and DGAs, with what has none; and the platforms that have requests."""
    by_delegation, by_dga, by_platform = _count_open_requests(staff, now)
    places = [(row.pk, row.name, row.code) for row in delegations]
    dgas = [(row.pk, row.name, row.code) for row in Dga.objects.order_by("name")]
    return {
        "by_delegation": [
            _build_holder("delegation", row, by_delegation, done.by_delegation)
            for row in [*places, (None, "Sans délégation", filters.NONE)]
        ],
        "by_dga": [
            _build_holder("dga", row, by_dga, done.by_dga)
            for row in [*dgas, (None, "Sans DGA", filters.NONE)]
        ],
        "by_platform": [
            _build_holder("plateforme", (row.pk, row.name, row.code), by_platform, done.by_platform)
            for row in Platform.objects.order_by("position", "name")
            if row.pk in by_platform or row.pk in done.by_platform
        ],
    }


def _count_open_requests(staff: Staff, now: datetime) -> tuple[OpenCounts, OpenCounts, OpenCounts]:
    """By délégation, by DGA and by platform. One statement."""
    late = Count("pk", filter=filter_by_due_state(DueState.OVERDUE, now))
    rows = Request.objects.filter(filter_by_scope(staff), OPEN).order_by()
    grouped = rows.values_list("delegation_id", "dga_id", "platform_id")
    found: tuple[OpenCounts, OpenCounts, OpenCounts] = ({}, {}, {})
    for *keys, open_, over in grouped.annotate(open=Count("pk"), late=late):
        for counts, key in zip(found, keys, strict=True):
            had = counts.get(key, (0, 0))
            counts[key] = had[0] + open_, had[1] + over
    return found


def _build_holder(
    choice: str,
    row: tuple[int | None, str, str],
    todo: OpenCounts,
    paces: Mapping[int | None, DecisionPace],
) -> HolderFigures:
    """`row`: key, name and code of the holder."""
    key, name, code = row
    open_, late = todo.get(key, (0, 0))
    pace = paces.get(key, DecisionPace())
    query = urlencode({"statut": filters.TO_DO, choice: code})
    return HolderFigures(
        name,
        f"{reverse('admin:registrations_request_changelist')}?{query}",
        open_,
        late,
        pace.decided,
        pace.share,
        pace.median,
    )
