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
    decides, asked = may_decide(staff), RequestStatus.AWAITING_DOCUMENT
    has_own, unread = bool(staff.delegation_ids), Q(desk_unread_since__isnull=False)
    ours = "Mes délégations" if len(staff.delegation_ids) > 1 else "Ma délégation"
    late, amber = (filter_by_due_state(due, now) for due in (DueState.OVERDUE, DueState.AMBER))
    everywhere = True if staff.sees_everything else None
    nobody, nowhere = Q(assignee__isnull=True), Q(delegation__isnull=True)
    # Whether it is shown (None: where there are any), label, colour, rows, filter of the queue.
    offered: list[tuple[bool | None, str, str, Q | None, dict[str, str]]] = [
        (True, "À traiter", "", Q(), {}),
        (decides, "Mes demandes", "", Q(assignee_id=user.pk), {"instructeur": filters.ME}),
        (has_own, ours, "", Q(delegation__in=staff.delegation_ids), {"delegation": filters.OURS}),
        (True, "En retard", "is-late", late, {"echeance": DueState.OVERDUE}),
        (True, "Plus de 24\u00a0h", "is-amber", amber, {"echeance": DueState.AMBER}),
        (True, "En attente d’un document", "", Q(status=asked), {"statut": asked}),
        (None, "Réponse reçue", "is-amber", unread, {"statut": filters.ANSWERED}),
        (everywhere, "Non routées", "is-amber", nowhere, {"delegation": filters.NONE}),
        (None, "E-mail non remis", "is-late", None, {"statut": filters.UNDELIVERED}),
        (decides, "Sans instructeur", "", nobody, {"instructeur": filters.NOBODY}),
    ]
    counts = Request.objects.filter(filter_by_scope(staff), OPEN).aggregate(
        **{
            f"rule_{number}": Count("pk", filter=rule)
            for number, (*_, rule, _) in enumerate(offered)
            if rule is not None
        }
    )
    found = []
    for number, (shown, label, tone, rule, query) in enumerate(offered):
        value = count_undelivered(staff) if rule is None else counts[f"rule_{number}"]
        if value if shown is None else shown:
            address = urlencode({"statut": filters.TO_DO, **query})
            # A warning colour only when there is something to be warned of.
            found.append(QueueCounter(label, value, address, tone if value else ""))
    return found
