"""How the author's pages show a request: badge, steps, history, answers, what is awaited."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Final

from django.conf import settings

from accounts.habilitations.accesses.models import Access
from mgestion.templatetags.portal import phone_fr, siret
from registrations.documents.flows import find_completable_asking
from registrations.requests.document_models import Asking, Upload
from registrations.requests.enums import RequestAct, RequestOrigin, RequestStatus
from registrations.requests.models import Request, RequestEvent
from registrations.requests.platform_links import get_request_label

_STEPS: Final = (
    "Demande enregistrée",
    "Étude par nos équipes",
    "Décision",
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
    """The state of the access that an approved request opened."""

    OPEN = auto()
    SUSPENDED = auto()
    ENDED = auto()
    MOVED = auto()  # to another establishment


@dataclass(frozen=True, slots=True)
class StatusBadge:
    kind: str
    text: str


_ACCESS_BADGES: Final = {
    AccessState.SUSPENDED: StatusBadge("stop", "Accès suspendu"),
    AccessState.ENDED: StatusBadge("neutral", "Accès terminé"),
    AccessState.MOVED: StatusBadge("neutral", "Accès déplacé"),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of the timeline. Staff are shown as the organisation, never by name."""

    at: datetime
    title: str
    detail: str
    actor: str


def build_status_badge(request: Request, access: AccessState = AccessState.OPEN) -> StatusBadge:
    """The badge of a request; `access` is the state of the access that it opened."""
    if request.status == RequestStatus.APPROVED and access != AccessState.OPEN:
        return _ACCESS_BADGES[access]
    if request.origin == RequestOrigin.STAFF:
        return StatusBadge("ok", "Accès ouvert")
    return StatusBadge(*_BADGES[RequestStatus(request.status)])


def get_current_step(request: Request) -> int:
    return _STEP[RequestStatus(request.status)]


def list_steps(request: Request, access: AccessState = AccessState.OPEN) -> tuple[str, ...]:
    """The labels of the progress steps; empty for a withdrawn request, and for the file of an
    access that nobody asked for.
    """
    if request.status == RequestStatus.CANCELLED or request.origin == RequestOrigin.STAFF:
        return ()
    if request.status == RequestStatus.APPROVED and access != AccessState.OPEN:
        return (*_STEPS, _ACCESS_BADGES[access].text)
    return (*_STEPS, f"Accès à {get_request_label(request.platform)}")


def compute_access_state(
    held: Access | None, suspended: Access | None, moved: Access | None = None
) -> AccessState:
    """The state of the access of an approved request, from its open and its suspended access, and
    from what it became at another establishment.
    """
    if suspended is not None:
        return AccessState.SUSPENDED
    if held is not None:
        return AccessState.OPEN
    return AccessState.ENDED if moved is None else AccessState.MOVED


def build_history_line(event: RequestEvent) -> HistoryLine:
    return HistoryLine(
        at=event.at,
        title=RequestAct(event.act).label,
        detail=event.text,
        actor="OPCO Mobilités" if event.by_staff else "Vous" if event.actor else "",
    )


def list_answers(request: Request) -> list[tuple[str, str]]:
    """The answers as (label, value), in the order of the form."""
    rows = [
        ("Plateforme", get_request_label(request.platform)),
        ("Nom", request.last_name),
        ("Prénom", request.first_name),
        ("Téléphone", phone_fr(request.phone)),
        ("Raison sociale", request.company_name),
        ("SIRET", siret(request.siret)),
        ("Type d’établissement", request.get_kind_display()),
        ("Département", str(request.department)),
    ]
    if request.branch:
        rows.append(("Branche", request.branch.label))
    if request.profile and (request.branch or not request.dashboard):
        rows.append(("Type de profil souhaité", request.profile.label))
    return rows


@dataclass(frozen=True, slots=True)
class AwaitedAnswer:
    """An open asking. `late`: its deadline has passed."""

    asking: Asking
    late: bool


def find_awaited_answer(request: Request, now: datetime) -> AwaitedAnswer | None:
    """The open asking of an open or approved request, or None."""
    if request.status not in (RequestStatus.AWAITING_DOCUMENT, RequestStatus.APPROVED):
        return None
    asking = request.askings.open().first()
    if asking is None:
        return None
    return AwaitedAnswer(asking, late=now >= asking.deadline_at)


def may_add_documents(request: Request) -> bool:
    """Whether the person can add a forgotten document to their latest answer."""
    if find_completable_asking(request) is None:
        return False
    return request.uploads.count() < settings.UPLOADS_PER_REQUEST


def list_sent_files(request: Request) -> list[Upload]:
    """The files that the person sent and that are still kept."""
    own = request.uploads.exclude(message__written_by__isnull=False)
    return list(own.order_by("received_at", "name"))
