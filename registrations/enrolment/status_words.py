"""The sentences of a request's page that its receipt repeats."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mgestion.outbox.catalogue.kinds import Contact
from mgestion.text.dates import french_moment
from registrations.enrolment.submit_flows import ResendWay, find_resend_way
from registrations.promise.time_taken import describe_time_taken
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import Request, RequestEvent

DUE_LABEL = "Échéance de l’étude"
PAUSED = "Un document vous est demandé\u00a0: l’étude reprend dès que nous l’avons reçu."


@dataclass(frozen=True, slots=True)
class DecisionWords:
    """`given`: what was decided, and when. `taken`: how long it took. `mend`: what to do."""

    given: str
    taken: str = ""
    motive: str = ""
    explanation: str = ""
    mend: str = ""


def describe_study(contact: Contact) -> str:
    return (
        f"Nos équipes ({contact.name}) étudient votre demande. Une personne décide, jamais une "
        "machine."
    )


def describe_decision(request: Request, now: datetime, *, reopened: bool) -> DecisionWords | None:
    """What the person reads of the decision, None before it; of a withdrawal too."""
    if request.status == RequestStatus.CANCELLED:
        return DecisionWords("Vous avez annulé cette demande\u00a0: elle ne sera pas étudiée.")
    if request.decided_at is None:
        return None
    moment = french_moment(request.decided_at)
    taken = describe_time_taken(request, reopened=reopened)
    if request.status == RequestStatus.APPROVED:
        given = f"Demande acceptée le {moment}. Votre rôle\u00a0: "
        return DecisionWords(f"{given}{request.get_granted_role_display()}.", taken)
    return DecisionWords(
        f"Réponse donnée le {moment}.",
        taken,
        f"Motif\u00a0: {request.refusal_reason.label}" if request.refusal_reason else "",
        request.decision_text,
        _describe_mending(request, now),
    )


def was_reopened(events: Iterable[RequestEvent]) -> bool:
    return any(event.act == RequestAct.REOPENED for event in events)


def _describe_mending(request: Request, now: datetime) -> str:
    if not request.may_resubmit:
        return "Ce motif ne permet pas de renvoyer la demande."
    way = find_resend_way(request, now)
    if way is ResendWay.NEW_INVITATION:
        return (
            "Votre demande venait d’une invitation, qui n’est plus valable. Demandez à un "
            f"administrateur de {request.company_name} de vous inviter de nouveau\u00a0: votre "
            "nouvelle demande sera déjà remplie."
        )
    words = (
        "Vous pouvez corriger votre demande et la renvoyer\u00a0: elle sera étudiée comme une "
        "nouvelle demande."
    )
    if way is ResendWay.WITH_INVITATION:
        words += " L’invitation de votre établissement y reste jointe."
    return words
