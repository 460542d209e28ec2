"""How much there is to do, each figure opening the rows that it counts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from accounts.habilitations.permissions import Staff, may_decide
from registrations.desk.queue import filters
from registrations.desk.queue.facets import Cell
from registrations.requests.enums import DueState, RequestStatus

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


def counters(user: "User", staff: Staff, todo: list[Cell], undelivered: int = 0) -> list[Counter]:
    """From the cells of the open requests of the agent's scope. `undelivered`: requests of which a
    mail never arrived, closed ones included.
    """

    def total(holds: Callable[[Cell], bool]) -> int:
        return sum(cell.count for cell in todo if holds(cell))

    found = [_counter("À traiter", total(lambda cell: True))]
    if may_decide(staff):
        found.append(
            _counter(
                "Mes demandes",
                total(lambda cell: cell.assignee == user.pk),
                instructeur=filters.ME,
            )
        )
    if staff.delegation_ids:
        label = "Mes délégations" if len(staff.delegation_ids) > 1 else "Ma délégation"
        ours = total(lambda cell: cell.delegation in staff.delegation_ids)
        found.append(_counter(label, ours, delegation=filters.OURS))
    late = total(lambda cell: cell.due == DueState.OVERDUE)
    amber = total(lambda cell: cell.due == DueState.AMBER)
    asked = total(lambda cell: cell.status == RequestStatus.AWAITING_DOCUMENT)
    unrouted = total(lambda cell: cell.delegation is None)
    found += [
        _counter("En retard", late, "is-late", echeance=DueState.OVERDUE),
        _counter("Plus de 24\u00a0h", amber, "is-amber", echeance=DueState.AMBER),
        _counter("En attente d’un document", asked, statut=RequestStatus.AWAITING_DOCUMENT),
    ]
    if staff.sees_everything or unrouted:
        found.append(_counter("Non routées", unrouted, "is-amber", delegation=filters.NONE))
    if undelivered:
        found.append(
            _counter("E-mail non remis", undelivered, "is-late", statut=filters.UNDELIVERED)
        )
    if may_decide(staff):
        free = total(lambda cell: cell.assignee is None)
        found.append(_counter("Sans instructeur", free, instructeur=filters.NOBODY))
    return found


def _counter(label: str, value: int, tone: str = "", **query: str) -> Counter:
    """A warning colour only when there is something to be warned of."""
    address = urlencode({"statut": filters.TO_DO, **query})
    return Counter(label, value, address, tone if value else "")
