"""The counters above the queue; each links to the rows that it counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from accounts.habilitations.staff.permissions import Staff, filter_by_scope, may_decide
from registrations.desk.queue import filters
from registrations.desk.reminders.undelivered_list import count_undelivered
from registrations.requests.enums import DueState, RequestStatus
from registrations.requests.models import Request
from registrations.requests.review.review_clock import OPEN, filter_by_due_state

if TYPE_CHECKING:
    from accounts.people.models import User


@dataclass(frozen=True, slots=True)
class QueueCounter:
    label: str
    value: int
    query: str
    tone: str = ""

    @property
    def url(self) -> str:
        return f"{reverse('admin:registrations_request_changelist')}?{self.query}"


def build_counters(user: "User", staff: Staff, now: datetime) -> list[QueueCounter]:
    """One statement over the open requests of the agent's scope, and one for the mails that never
    arrived, closed requests included.
    """
    asked, decides = RequestStatus.AWAITING_DOCUMENT, may_decide(staff)
    mine, ours = Q(assignee_id=user.pk), Q(delegation__in=staff.delegation_ids)
    rules = {
        "all": Q(),
        "mine": mine,
        "ours": ours,
        "late": filter_by_due_state(DueState.OVERDUE, now),
        "amber": filter_by_due_state(DueState.AMBER, now),
        "asked": Q(status=asked),
        "answered": Q(desk_unread_since__isnull=False),
        "unrouted": Q(delegation__isnull=True),
        "free": Q(assignee__isnull=True),
    }
    rows = Request.objects.filter(filter_by_scope(staff), OPEN)
    count = rows.aggregate(**{name: Count("pk", filter=rule) for name, rule in rules.items()})
    undelivered = count_undelivered(staff)
    found = [_build_counter("À traiter", count["all"])]
    if decides:
        found.append(_build_counter("Mes demandes", count["mine"], instructeur=filters.ME))
    if staff.delegation_ids:
        label = "Mes délégations" if len(staff.delegation_ids) > 1 else "Ma délégation"
        found.append(_build_counter(label, count["ours"], delegation=filters.OURS))
    found += [
        _build_counter("En retard", count["late"], "is-late", echeance=DueState.OVERDUE),
        _build_counter("Plus de 24\u00a0h", count["amber"], "is-amber", echeance=DueState.AMBER),
        _build_counter("En attente d’un document", count["asked"], statut=asked),
    ]
    if count["answered"]:
        found.append(
            _build_counter("Réponse reçue", count["answered"], "is-amber", statut=filters.ANSWERED)
        )
    if staff.sees_everything or count["unrouted"]:
        unrouted = count["unrouted"]
        found.append(_build_counter("Non routées", unrouted, "is-amber", delegation=filters.NONE))
    if undelivered:
        found.append(
            _build_counter("E-mail non remis", undelivered, "is-late", statut=filters.UNDELIVERED)
        )
    if decides:
        found.append(_build_counter("Sans instructeur", count["free"], instructeur=filters.NOBODY))
    return found


def _build_counter(label: str, value: int, tone: str = "", **query: str) -> QueueCounter:
    """A warning colour only when there is something to be warned of."""
    address = urlencode({"statut": filters.TO_DO, **query})
    return QueueCounter(label, value, address, tone if value else "")
