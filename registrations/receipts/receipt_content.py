"""What the receipt of a request says: the lines of its page, in the same words."""

from dataclasses import dataclass
from datetime import datetime

from mgestion.outbox.catalogue.kinds import Contact
from mgestion.templatetags.portal import phone_fr, siret
from mgestion.text.dates import french_moment
from mgestion.web.links import build_absolute_url
from registrations.enrolment.request_presentation import (
    build_status_badge,
    compute_access_state,
    list_answers,
)
from registrations.enrolment.status_words import (
    DUE_LABEL,
    PAUSED,
    describe_decision,
    describe_study,
    was_reopened,
)
from registrations.requests.contacts import get_handler_contact
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from registrations.requests.platform_links import get_request_label
from registrations.requests.querysets import select_applicant_events
from registrations.requests.suspension_flows import (
    find_held_access,
    find_moved_access,
    find_suspended_access,
)


@dataclass(frozen=True, slots=True)
class ReceiptSection:
    """Paragraphs, and rows of (label, value). `strong`: the one among them that stands out."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    strong: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """`dated`: the moment, aware, that the document bears, so that the same request gives the same
    bytes. `tone`: of the badge.
    """

    title: str
    reference: str
    state: str
    tone: str
    company: str
    sections: tuple[ReceiptSection, ...]
    page_url: str
    dated: datetime


def build_receipt(request: Request, now: datetime) -> Receipt:
    """Of a request read with its related rows (`select_own_requests`). A few queries."""
    approved = request.status == RequestStatus.APPROVED
    access = compute_access_state(
        find_held_access(request) if approved else None,
        find_suspended_access(request) if approved else None,
        find_moved_access(request) if approved else None,
    )
    badge = build_status_badge(request, access)
    contact = get_handler_contact(request)
    reopened = was_reopened(select_applicant_events(request))
    decision = describe_decision(request, now, reopened=reopened)
    facts = [("Demande enregistrée", french_moment(request.submitted_at))]
    answers = (*list_answers(request), ("Adresse e-mail", request.user.email))
    who = "\n".join(filter(None, (contact.name, contact.email, phone_fr(contact.phone))))
    if decision is None:
        due = PAUSED if request.paused_at else french_moment(request.due_at)
        facts.append((DUE_LABEL, due))
        sections = (
            ReceiptSection("Où en est votre demande", rows=tuple(facts)),
            ReceiptSection("Vos réponses", rows=answers),
            ReceiptSection("Votre interlocuteur", (describe_study(contact), who)),
        )
    else:
        sections = (
            ReceiptSection(
                "La décision",
                (
                    *(decision.given, decision.taken, decision.motive, decision.explanation),
                    f"{decision.mend} {_describe_appeal(request, contact)}",
                ),
                strong=decision.motive,
            ),
            ReceiptSection("Vos réponses", rows=(*facts, *answers)),
            ReceiptSection("Votre interlocuteur", (who,)),
        )
    kind = "Décision sur votre demande" if request.decided_at else "Récépissé de votre demande"
    return Receipt(
        title=f"{kind} d’accès à {get_request_label(request.platform)}",
        reference=request.reference,
        state=badge.text,
        tone=badge.kind,
        company=f"{request.company_name}, SIRET {siret(request.siret)}",
        sections=sections,
        page_url=build_absolute_url("registrations:request_status", request.reference),
        dated=request.decided_at or request.submitted_at,
    )


def _describe_appeal(request: Request, contact: Contact) -> str:
    if request.status != RequestStatus.REFUSED or request.may_resubmit:
        return ""
    return (
        f"Si vous pensez qu’il y a une erreur, écrivez à {contact.email} en rappelant la référence "
        f"{request.reference}."
    )
