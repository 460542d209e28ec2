"""The letters about a document that is awaited, a re-opening and a suspended access."""

from collections.abc import Callable
from datetime import datetime, timedelta

from accounts.habilitations.models import Access
from mgestion.dates import french_date, paris_date
from mgestion.outbox.letters import compose
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail
from mgestion.templatetags.portal import phone_fr
from mgestion.web.links import absolute
from registrations.requests.contacts import handler, mailbox_of
from registrations.requests.document_models import Asking
from registrations.requests.enums import Act
from registrations.requests.models import Request, RequestEvent
from registrations.requests.querysets import with_details
from registrations.requests.suspension_flows import held_access, suspended_access


def asked(mail: Mail, now: datetime) -> Message | None:
    """To the person: what is awaited, until when, how to send it. None once it is not any more."""
    return _awaited("document_asked", mail)


def reminder(mail: Mail, now: datetime) -> Message | None:
    """To the person, half-way (D45). None if the answer came meanwhile."""
    return _awaited("document_reminder", mail)


def prolonged(mail: Mail, now: datetime) -> Message | None:
    """To the person: there is more time. None if the answer came meanwhile."""
    return _awaited("document_prolonged", mail)


def withdrawn(mail: Mail, now: datetime) -> Message | None:
    """To the person: the document is not awaited any more. None if they were never told it was."""
    found = _asking(mail)
    if found is None or found[1].answered_at is not None:
        return None
    return _to_person("document_withdrawn", found[0], "Suivre ma demande")


def received(mail: Mail, now: datetime) -> Message | None:
    """To the délégation: an answer came. A link, and no personal value (S60)."""
    found = _asking(mail)
    if found is None:
        return None
    request = found[0]
    return compose(
        "mail/registrations/document_received",
        {
            "request": request,
            "action_url": absolute("admin:registrations_request_change", request.pk),
            "action_label": "Ouvrir la demande",
            "greeting": "Bonjour,",
            "privacy_url": absolute("legal:privacy"),
        },
        to=mailbox_of(request.delegation, request.dga),
    )


def reopened(mail: Mail, now: datetime) -> Message | None:
    """To the person: the decision is taken back, and why. None once it is decided anew."""
    request = with_details(mail.subject_id)
    if request is None or not request.is_open:
        return None
    event = RequestEvent.objects.filter(request=request, act=Act.REOPENED).order_by("-at").first()
    return _to_person("reopened", request, "Suivre ma demande", text=event.text if event else "")


def access_suspended(mail: Mail, now: datetime) -> Message | None:
    """To the person: this platform is closed to them, and why (R110). None once it is lifted."""
    return _suspension("access_suspended", mail, suspended_access)


def access_restored(mail: Mail, now: datetime) -> Message | None:
    """To the person: the platform is open again."""
    return _suspension("access_restored", mail, held_access)


def _suspension(
    letter: str, mail: Mail, find: Callable[[Request], Access | None]
) -> Message | None:
    request = with_details(mail.subject_id)
    access = find(request) if request is not None else None
    if request is None or access is None:
        return None
    return _to_person(
        letter,
        request,
        "Voir ma demande",
        access=access,
        platform=access.platform.name,
        text=access.suspension_reason,
    )


def _awaited(letter: str, mail: Mail) -> Message | None:
    found = _asking(mail)
    if found is None or found[1].closed_at is not None:
        return None
    request, asking = found
    # The deadline is 24:00 of the last day.
    last = paris_date(asking.deadline_at - timedelta(minutes=1))
    return _to_person(
        letter,
        request,
        "Répondre et joindre mes documents",
        message=asking.message,
        documents=asking.document_list,
        last_day=french_date(last),
        deadline_text=f"Réponse attendue jusqu’au {french_date(last)} inclus (heure de Paris).",
    )


def _asking(mail: Mail) -> tuple[Request, Asking] | None:
    request = with_details(mail.subject_id)
    asking = Asking.objects.filter(pk=mail.data.get("asking"), request_id=mail.subject_id).first()
    return (request, asking) if request is not None and asking is not None else None


def _to_person(letter: str, request: Request, label: str, **said: object) -> Message:
    contact = handler(request)
    context: dict[str, object] = {
        "request": request,
        "greeting": f"Bonjour {request.full_name},",
        "action_url": absolute("registrations:request_status", request.reference),
        "action_label": label,
        "contact_name": contact.name,
        "contact_email": contact.email,
        "contact_phone": phone_fr(contact.phone),
        "team": contact.name,
        "privacy_url": absolute("legal:privacy"),
        **said,
    }
    return compose(
        f"mail/registrations/{letter}", context, to=request.user.email, reply_to=contact.email
    )
