"""How much there is to do, each figure opening the rows that it counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from accounts.habilitations.permissions import Staff, may_decide, scope
from registrations.admin import filters
from registrations.admin.clock import OPEN, in_state
from registrations.enums import DueState
from registrations.models import Request

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Counter:
    label: str
    value: int
    query: str
    tone: str = ""

    @property
    def url(self) -> str:
        return f"{reverse('admin:registrations_request_changelist')}?{self.query}"


def counters(user: "User", staff: Staff, now: datetime) -> list[Counter]:
    """One statement over the open requests of the agent's scope."""
    counted = Request.objects.filter(scope(staff), OPEN).aggregate(
        todo=Count("pk"),
        late=Count("pk", filter=in_state(DueState.OVERDUE, now)),
        amber=Count("pk", filter=in_state(DueState.AMBER, now)),
        unrouted=Count("pk", filter=Q(delegation__isnull=True)),
        free=Count("pk", filter=Q(assignee__isnull=True)),
        mine=Count("pk", filter=Q(assignee=user)),
    )
    found = [
        _counter("À traiter", counted["todo"]),
        _counter("En retard", counted["late"], "is-late", echeance=DueState.OVERDUE),
        _counter("Plus de 24\u00a0h", counted["amber"], "is-amber", echeance=DueState.AMBER),
    ]
    if staff.sees_everything or counted["unrouted"]:
        none = filters.NONE
        found.append(_counter("Non routées", counted["unrouted"], "is-amber", delegation=none))
    if may_decide(staff):
        nobody, me = filters.NOBODY, filters.ME
        found.append(_counter("Sans instructeur", counted["free"], instructeur=nobody))
        found.append(_counter("Mes demandes", counted["mine"], instructeur=me))
    return found


def _counter(label: str, value: int, tone: str = "", **query: str) -> Counter:
    """A warning colour only when there is something to be warned of."""
    address = urlencode({"statut": filters.TO_DO, **query})
    return Counter(label, value, address, tone if value else "")
