"""The letters of this room. Each reads the rows as they stand when it leaves."""

from datetime import datetime

from django.conf import settings

from mgestion.outbox.letters import compose
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail
from mgestion.templatetags.portal import phone_fr
from mgestion.web.links import absolute
from registrations.requests.contacts import handler, mailbox_of
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from registrations.requests.querysets import with_details


def acknowledgment(mail: Mail, now: datetime) -> Message | None:
    """To the person: the request is registered (R43). None once it is withdrawn."""
    request = with_details(mail.subject_id)
    if request is None or request.status == RequestStatus.CANCELLED:
        return None
    return to_applicant("acknowledgment", request)


def to_delegation(mail: Mail, now: datetime) -> Message | None:
    """To the délégation's generic mailbox: a request waits (R38). Several people read it: a link
    and what sorts it, no name, no phone, no e-mail (S60). None once it is no longer open."""
    request = with_details(mail.subject_id)
    if request is None or not request.is_open:
        return None
    return compose(
        "mail/registrations/to_delegation",
        {
            "request": request,
            "action_url": absolute("admin:registrations_request_change", request.pk),
            "action_label": "Ouvrir la demande",
            "greeting": "Bonjour,",
            "routed": request.delegation is not None,
            "privacy_url": absolute("legal:privacy"),
        },
        to=mailbox_of(request.delegation, request.dga),
        reply_to=settings.CONTACT_EMAIL,
    )


def approved(mail: Mail, now: datetime) -> Message | None:
    """To the person: accepted (R45). None if that decision does not stand any more."""
    request = with_details(mail.subject_id)
    if request is None or request.status != RequestStatus.APPROVED:
        return None
    return to_applicant("approved", request)


def refused(mail: Mail, now: datetime) -> Message | None:
    """To the person: refused, why, and how to mend it (R45, S59)."""
    request = with_details(mail.subject_id)
    if request is None or request.status != RequestStatus.REFUSED:
        return None
    return to_applicant("refused", request)


def approval_preview(request: Request, *, role_label: str) -> Message:
    """The approval exactly as it would leave, for the desk; nothing is written."""
    return to_applicant("approved", request, role=role_label)


def to_applicant(letter: str, request: Request, **said: object) -> Message:
    """The letter `letter` about `request` to its author, with the page to follow it."""
    contact = handler(request)
    page = absolute("registrations:request_status", request.reference)
    label = "Suivre ma demande"
    if letter == "approved":
        page, label = absolute("registrations:landing"), "Ouvrir mon espace M-Gestion"
    reason = request.refusal_reason
    context: dict[str, object] = {
        "request": request,
        "contact": contact,
        "role": request.get_granted_role_display(),
        "label": reason.label if reason else "",
        "text": request.decision_text,
        "may_resubmit": request.may_resubmit,
        **said,
        "greeting": f"Bonjour {request.full_name},",
        "action_url": page,
        "action_label": label,
        "contact_name": contact.name,
        "contact_email": contact.email,
        "contact_phone": phone_fr(contact.phone),
        "team": contact.name,
        "privacy_url": absolute("legal:privacy"),
    }
    if letter == "refused" and context["may_resubmit"]:
        context["action_label"] = "Corriger et renvoyer ma demande"
    return compose(
        f"mail/registrations/{letter}", context, to=request.user.email, reply_to=contact.email
    )
