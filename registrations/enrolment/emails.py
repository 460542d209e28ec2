"""The mails of a request: received, decided, late. Each reads the rows as they stand."""

from datetime import datetime
from typing import Final
from urllib.parse import urljoin

from django.conf import settings

from mgestion import slots
from mgestion.outbox.catalogue.kinds import (
    MailContent,
    MailKind,
    flag_value,
    line_value,
    link_value,
    paragraphs_value,
)
from mgestion.outbox.catalogue.rendering import Message
from mgestion.outbox.catalogue.texts import render_mail
from mgestion.outbox.models import Mail
from mgestion.templatetags.portal import siret
from mgestion.text.dates import french_moment
from mgestion.web.links import build_absolute_url
from registrations.requests.contacts import get_handler_contact
from registrations.requests.enums import RequestStatus
from registrations.requests.mail_contents import (
    DUE,
    OF_APPLICANT,
    OF_DESK,
    REQUEST_PAGE,
    SIRET,
    build_agent_content,
    build_applicant_content,
)
from registrations.requests.models import Request
from registrations.requests.platform_links import find_entry_url
from registrations.requests.querysets import find_request_with_details

REFUSED: Final = "registrations.refused"
APPROVED: Final = "registrations.approved"


def build_acknowledgment(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: the request is registered. None once it is withdrawn."""
    request = find_request_with_details(mail.subject_id)
    if request is None or request.status == RequestStatus.CANCELLED:
        return None
    return build_applicant_content(
        request,
        siret=siret(request.siret),
        handler=get_handler_contact(request).name,
        due=french_moment(request.due_at),
    )


def build_to_delegation(mail: Mail, now: datetime) -> MailContent | None:
    """To the délégation's generic mailbox: a request waits. Several people read it: a link
    and what sorts it, no name, no phone, no e-mail. None once it is no longer open."""
    request = find_request_with_details(mail.subject_id)
    if request is None or not request.is_open:
        return None
    return build_agent_content(
        request,
        establishment_type=request.get_kind_display(),
        department=str(request.department),
        due=french_moment(request.due_at),
        routed=request.delegation is not None,
    )


def build_approved(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: accepted. None if that decision does not stand any more."""
    request = find_request_with_details(mail.subject_id)
    if request is None or request.status != RequestStatus.APPROVED:
        return None
    return _approval(request, role=request.get_granted_role_display())


def build_refused(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: refused, why, and how to mend it."""
    request = find_request_with_details(mail.subject_id)
    if request is None or request.status != RequestStatus.REFUSED:
        return None
    return _refusal(request)


def refusal_preview(request: Request) -> Message:
    """The refusal exactly as it leaves, for the desk; nothing is written."""
    return render_mail(slots.mail_kinds[REFUSED], _refusal(request))


def approval_preview(request: Request, *, role_label: str) -> Message:
    """The approval exactly as it would leave, for the desk; nothing is written."""
    return render_mail(slots.mail_kinds[APPROVED], _approval(request, role=role_label))


def _approval(request: Request, *, role: str) -> MailContent:
    entry = find_entry_url(request)
    return build_applicant_content(
        request,
        siret=siret(request.siret),
        role=role,
        lands_there=bool(request.dashboard),
        action_url=urljoin(settings.PUBLIC_URL, entry)
        if entry
        else build_absolute_url("registrations:services"),
    )


def _refusal(request: Request) -> MailContent:
    reason = request.refusal_reason
    return build_applicant_content(
        request,
        siret=siret(request.siret),
        motive=reason.label if reason else "",
        explanation=request.decision_text,
        may_resubmit=request.may_resubmit,
    )


MAILS: Final = (
    MailKind(
        "registrations.acknowledgment",
        "demande enregistrée",
        build_acknowledgment,
        (
            *(*OF_APPLICANT, SIRET, DUE, REQUEST_PAGE),
            line_value("handler", "qui étudie la demande", "Délégation régionale Île-de-France"),
        ),
    ),
    MailKind(
        "registrations.to_delegation",
        "nouvelle demande",
        build_to_delegation,
        (*OF_DESK, flag_value("routed", "le département a une délégation")),
    ),
    MailKind(
        APPROVED,
        "demande acceptée",
        build_approved,
        (
            *(*OF_APPLICANT, SIRET),
            flag_value("lands_there", "la connexion mène droit à la plateforme"),
            line_value("role", "rôle accordé", "Gestionnaire"),
            link_value("action_url", "espace de la plateforme", "/m-gestion/"),
        ),
    ),
    MailKind(
        REFUSED,
        "demande refusée",
        build_refused,
        (
            *(*OF_APPLICANT, SIRET, REQUEST_PAGE),
            line_value("motive", "motif, de la liste", "Le SIRET ne correspond pas", required=True),
            paragraphs_value(
                "explanation",
                "explication écrite par l’agent",
                "Le SIRET est celui d’un autre établissement.",
                required=True,
            ),
            flag_value("may_resubmit", "la demande peut être corrigée et renvoyée"),
        ),
    ),
)
