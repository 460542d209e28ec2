"""A request in the words of its author's pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from accounts.habilitations.enums import EstablishmentKind
from mgestion.templatetags.portal import phone_fr, siret
from registrations.enums import Act, RequestStatus
from registrations.models import Asking, Request, RequestEvent, Upload

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


@dataclass(frozen=True, slots=True)
class Badge:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One stop of the timeline. Staff are named by what they are, not by their name."""

    at: datetime
    title: str
    detail: str
    actor: str


def badge(request: Request) -> Badge:
    return Badge(*_BADGES[RequestStatus(request.status)])


def step(request: Request) -> int:
    return _STEP[RequestStatus(request.status)]


def line(event: RequestEvent) -> Line:
    return Line(
        at=event.at,
        title=Act(event.act).label,
        detail=event.text,
        actor="OPCO Mobilités" if event.by_staff else "Vous" if event.actor else "",
    )


def answers(request: Request) -> list[tuple[str, str]]:
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
class Asked:
    """What the desk awaits. `last_day`: a moment of the last day."""

    asking: Asking
    last_day: datetime


def asked(request: Request) -> Asked | None:
    """What is awaited of the person now; None once it is answered, withdrawn or pointless."""
    if request.status not in (RequestStatus.AWAITING_DOCUMENT, RequestStatus.APPROVED):
        return None
    asking = request.askings.filter(closed_at__isnull=True).first()
    if asking is None:
        return None
    # The deadline is 24:00 of the last day.
    return Asked(asking, asking.deadline_at - timedelta(minutes=1))


def sent(request: Request) -> list[Upload]:
    """The files that the person sent, as long as they are kept."""
    return list(request.uploads.order_by("received_at", "name"))
