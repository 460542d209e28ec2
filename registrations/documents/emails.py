"""The mails about a document that is awaited, a re-opening and a suspended access."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from accounts.habilitations.accesses.models import Access
from mgestion.outbox.catalogue.kinds import (
    MailContent,
    MailKind,
    flag_value,
    items_value,
    line_value,
    paragraphs_value,
)
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_date, french_moment
from registrations.documents import flows as documents_flows
from registrations.requests import suspension_flows
from registrations.requests.document_models import Asking
from registrations.requests.enums import RequestAct, RequestOrigin
from registrations.requests.mail_contents import (
    OF_APPLICANT,
    OF_DESK,
    REFERENCE,
    REQUEST_PAGE,
    build_agent_content,
    build_applicant_content,
)
from registrations.requests.models import Request, RequestEvent
from registrations.requests.querysets import find_request_with_details
from registrations.requests.suspension_flows import find_held_access, find_suspended_access


def build_document_awaited(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: what is awaited, until when, how to send it; the same half-way, and with more
    time. None once it is not awaited any more.
    """
    found = _asking(mail)
    if found is None or found[1].closed_at is not None:
        return None
    request, asked = found
    return build_applicant_content(
        request,
        message=asked.message,
        documents=tuple(asked.document_list),
        last_day=french_date(asked.last_day),
        is_open=request.is_open,
        requested=request.origin != RequestOrigin.STAFF,
    )


def build_document_withdrawn(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: the document is not awaited any more. None if they were never told it was."""
    found = _asking(mail)
    if found is None or found[1].answered_at is not None:
        return None
    request = found[0]
    return build_applicant_content(
        request, is_open=request.is_open, requested=request.origin != RequestOrigin.STAFF
    )


def build_document_received(mail: Mail, now: datetime) -> MailContent | None:
    """To the délégation: an answer came. A link, and no personal value."""
    found = _asking(mail)
    if found is None:
        return None
    request = found[0]
    return build_agent_content(
        request,
        establishment_type=request.get_kind_display(),
        department=str(request.department),
        is_open=request.is_open,
        due=french_moment(request.due_at),
    )


def build_reopened(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: the decision is taken back, and why. None once it is decided anew."""
    request = find_request_with_details(mail.subject_id)
    if request is None or not request.is_open:
        return None
    event = (
        RequestEvent.objects.filter(request=request, act=RequestAct.REOPENED)
        .order_by("-at")
        .first()
    )
    return build_applicant_content(request, reason=event.text if event else "")


def build_access_suspended(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: this platform is closed to them, and why. None once it is lifted."""
    found = _access(mail, find_suspended_access)
    if found is None:
        return None
    request, access = found
    return build_applicant_content(
        request,
        company=access.establishment.name,
        platform=access.platform.name,
        reason=access.suspension_reason,
    )


def build_access_restored(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: the platform is open again."""
    found = _access(mail, find_held_access)
    if found is None:
        return None
    request, access = found
    return build_applicant_content(
        request, company=access.establishment.name, platform=access.platform.name
    )


def _access(mail: Mail, find: Callable[[Request], Access | None]) -> tuple[Request, Access] | None:
    request = find_request_with_details(mail.subject_id)
    access = find(request) if request is not None else None
    return (request, access) if request is not None and access is not None else None


def _asking(mail: Mail) -> tuple[Request, Asking] | None:
    request = find_request_with_details(mail.subject_id)
    asked = Asking.objects.filter(pk=mail.data.get("asking"), request_id=mail.subject_id).first()
    return (request, asked) if request is not None and asked is not None else None


_IS_OPEN: Final = flag_value("is_open", "la demande est encore à l’étude")
_REQUESTED: Final = flag_value("requested", "la personne avait fait une demande")
_AWAITED: Final = (
    *(*OF_APPLICANT, REQUEST_PAGE, _IS_OPEN, _REQUESTED),
    paragraphs_value(
        "message", "message de l’agent", "Merci de joindre un extrait Kbis.", required=True
    ),
    items_value(
        "documents", "liste des documents attendus, parfois vide", "Extrait Kbis", "Mandat"
    ),
    line_value("last_day", "dernier jour pour répondre", "mardi 31 mars 2026", required=True),
)
MAILS: Final = (
    MailKind(documents_flows.ASKED_MAIL, "document demandé", build_document_awaited, _AWAITED),
    MailKind(
        documents_flows.REMINDED_MAIL,
        "document demandé\u00a0: rappel",
        build_document_awaited,
        _AWAITED,
    ),
    MailKind(
        documents_flows.PROLONGED_MAIL,
        "document demandé\u00a0: délai prolongé",
        build_document_awaited,
        _AWAITED,
    ),
    MailKind(
        documents_flows.WITHDRAWN_MAIL,
        "document plus demandé",
        build_document_withdrawn,
        (*OF_APPLICANT, REQUEST_PAGE, _IS_OPEN, _REQUESTED),
    ),
    MailKind(
        documents_flows.RECEIVED_MAIL,
        "document reçu",
        build_document_received,
        (*OF_DESK, _IS_OPEN),
    ),
    MailKind(
        "registrations.reopened",
        "demande rouverte",
        build_reopened,
        (
            *(*OF_APPLICANT, REQUEST_PAGE),
            paragraphs_value("reason", "motif de la réouverture", "Nouvelle pièce.", required=True),
        ),
    ),
    MailKind(
        suspension_flows.ACCESS_SUSPENDED_MAIL,
        "accès suspendu",
        build_access_suspended,
        (
            *(*OF_APPLICANT, REQUEST_PAGE),
            paragraphs_value(
                "reason", "motif écrit par l’agent", "Document manquant.", required=True
            ),
        ),
    ),
    MailKind(
        suspension_flows.ACCESS_RESTORED_MAIL,
        "accès rétabli",
        build_access_restored,
        (replace(REFERENCE, required=False), *OF_APPLICANT[1:], REQUEST_PAGE),
    ),
)
