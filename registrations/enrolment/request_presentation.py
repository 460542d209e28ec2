"""A request in the words of its author's pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from django.conf import settings

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import EstablishmentKind
from mgestion.templatetags.portal import phone_fr, siret
from registrations.documents.flows import find_completable_asking
from registrations.requests.document_models import Asking, Upload
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import Request, RequestEvent

STEPS: Final = (
    "Demande enregistrée",
    "Étude par nos équipes",
    "Décision",
    "Accès à M-Gestion",
)
_BADGES: Final = {
    RequestStatus.SUBMITTED: ("wait", "Demande en cours"),
    RequestStatus.AWAITING_DOCUMENT: ("warn", "Document attendu"),
    RequestStatus.APPROVED: ("ok", "Demande acceptée"),
    RequestStatus.REFUSED: ("stop", "Demande refusée"),
    RequestStatus.CANCELLED: ("neutral", "Demande annulée"),
}
_STEP: Final = {
    RequestStatus.SUBMITTED: 2,
    RequestStatus.AWAITING_DOCUMENT: 2,
    RequestStatus.APPROVED: 4,
    RequestStatus.REFUSED: 3,
    RequestStatus.CANCELLED: 1,
}


class AccessState(Enum):
    """What became of the access that an accepted request opened."""

    OPEN = auto()
    SUSPENDED = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True)
class StatusBadge:
    kind: str
    text: str


_ACCESS_BADGES: Final = {
    AccessState.SUSPENDED: StatusBadge("stop", "Accès suspendu"),
    AccessState.ENDED: StatusBadge("neutral", "Accès terminé"),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One stop of the timeline. Staff are named by what they are, not by their name."""

    at: datetime
    title: str
    detail: str
    actor: str


def build_status_badge(request: Request, access: AccessState = AccessState.OPEN) -> StatusBadge:
    """`access`: what became of the access that an accepted request opened."""
    if request.status == RequestStatus.APPROVED and access != AccessState.OPEN:
        return _ACCESS_BADGES[access]
    return StatusBadge(*_BADGES[RequestStatus(request.status)])


def get_current_step(request: Request) -> int:
    return _STEP[RequestStatus(request.status)]


def list_steps(request: Request, access: AccessState = AccessState.OPEN) -> tuple[str, ...]:
    """The names of the steps; none for a withdrawn request, which goes through none of them."""
    if request.status == RequestStatus.CANCELLED:
        return ()
    if request.status == RequestStatus.APPROVED and access != AccessState.OPEN:
        return (*STEPS[:-1], _ACCESS_BADGES[access].text)
    return STEPS


def compute_access_state(held: Access | None, suspended: Access | None) -> AccessState:
    """`held`, `suspended`: the accesses of an accepted request, as `flows.suspend` finds them."""
    if suspended is not None:
        return AccessState.SUSPENDED
    return AccessState.OPEN if held is not None else AccessState.ENDED


def build_history_line(event: RequestEvent) -> HistoryLine:
    return HistoryLine(
        at=event.at,
        title=RequestAct(event.act).label,
        detail=event.text,
        actor="OPCO Mobilités" if event.by_staff else "Vous" if event.actor else "",
    )


def list_answers(request: Request) -> list[tuple[str, str]]:
    """What the form said, in its order."""
    rows = [
        ("Nom", request.last_name),
        ("Prénom", request.first_name),
        ("Téléphone", phone_fr(request.phone)),
        ("Raison sociale", request.company_name),
        ("SIRET", siret(request.siret)),
        ("Type d’établissement", request.get_kind_display()),
        ("Département", str(request.department)),
    ]
    if request.kind == EstablishmentKind.ENTREPRISE and request.branch and request.profile:
        rows += [
            ("Branche", request.branch.label),
            ("Type de profil souhaité", request.profile.label),
        ]
    return rows


@dataclass(frozen=True, slots=True)
class AwaitedAnswer:
    """What the desk awaits. `last_day`: a moment of the last day; `late`: it is over."""

    asking: Asking
    last_day: datetime
    late: bool


def find_awaited_answer(request: Request, now: datetime) -> AwaitedAnswer | None:
    """What is awaited of the person now; None once it is answered, withdrawn or pointless."""
    if request.status not in (RequestStatus.AWAITING_DOCUMENT, RequestStatus.APPROVED):
        return None
    asking = request.askings.open().first()
    if asking is None:
        return None
    # The deadline is 24:00 of the last day.
    last_day = asking.deadline_at - timedelta(minutes=1)
    return AwaitedAnswer(asking, last_day, late=now >= asking.deadline_at)


@dataclass(frozen=True, slots=True)
class ToDoItem:
    """What the person is awaited for, or may mend, on the page of a request. `until`: the deadline
    of the answer, None when nothing is awaited.
    """

    reference: str
    company: str
    until: datetime | None
    suspended: bool
    late: bool

    @property
    def last_day(self) -> datetime | None:
        """A moment of the last day: the deadline is its 24:00."""
        return self.until - timedelta(minutes=1) if self.until is not None else None


def list_to_do_items(requests: Iterable[Request], now: datetime) -> list[ToDoItem]:
    """Of requests that `querysets.annotate_awaited` found; the most pressing first."""
    found = []
    for request in requests:
        until: datetime | None = getattr(request, "awaited_until")  # noqa: B009 - an annotation
        suspended: bool = getattr(request, "access_suspended")  # noqa: B009 - an annotation
        if until is not None or suspended:
            late = until is not None and now >= until
            found.append(ToDoItem(request.reference, request.company_name, until, suspended, late))
    return sorted(found, key=lambda each: (not each.suspended, each.until is None))


def may_add_documents(request: Request) -> bool:
    """Whether more can be sent for what was answered already: one of two documents forgotten."""
    if find_completable_asking(request) is None:
        return False
    return request.uploads.count() < settings.UPLOADS_PER_REQUEST


def list_sent_files(request: Request) -> list[Upload]:
    """The files that the person sent, as long as they are kept."""
    return list(request.uploads.order_by("received_at", "name"))
