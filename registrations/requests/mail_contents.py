"""What the mails about a request share: how they are queued, their addressee, and the values of
their templates.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from mgestion.outbox.catalogue.kinds import MailContent, PlaceholderValue, line_value, link_value
from mgestion.outbox.flows import queue_mail
from mgestion.templatetags.portal import siret
from mgestion.web.links import build_absolute_url
from registrations.requests.contacts import choose_notice_mailbox, get_handler_contact
from registrations.requests.models import Request
from registrations.requests.platform_links import get_request_label, get_short_label

REFERENCE: Final = line_value("reference", "référence de la demande", "MG-7K3F-92QD", required=True)
PLATFORM: Final = line_value("platform", "nom de la plateforme", "M-Gestion")
PLATFORM_SHORT: Final = line_value("platform_short", "son nom, abrégé pour l’objet", "M-Gestion")
COMPANY: Final = line_value("company", "nom de l’établissement", "Garage Fictif")
SIRET: Final = line_value("siret", "SIRET de l’établissement", siret("73282932000074"))
DUE: Final = line_value(
    "due", "échéance", "jeudi 19 mars 2026 à 10\u00a0h\u00a000 (heure de Paris)"
)
REQUEST_PAGE: Final = link_value("action_url", "page de la demande", "/demandes/exemple/")
DESK_PAGE: Final = link_value("action_url", "page de la demande, pour les agents", "/admin/")
ESTABLISHMENT_TYPE: Final = line_value("establishment_type", "type d’établissement", "Entreprise")
DEPARTMENT: Final = line_value("department", "département", "75 Paris")

# What the mails to the applicant begin with, and those to the desk hold.
OF_APPLICANT: Final = (REFERENCE, PLATFORM, PLATFORM_SHORT, COMPANY)
OF_DESK: Final = (REFERENCE, PLATFORM, ESTABLISHMENT_TYPE, DEPARTMENT, DUE, DESK_PAGE)


def queue_request_mail(
    kind: str, request: Request, cycle: str | int, now: datetime, **more: Any
) -> None:
    """A mail about `request` and its author, once for each `cycle`."""
    person = request.user.public_id
    queue_mail(kind, subject=request.pk, person=person, cycle=str(cycle), now=now, **more)


def build_applicant_content(request: Request, **said: PlaceholderValue) -> MailContent:
    """A mail about `request` to its author, with the request's page and its contact."""
    contact = get_handler_contact(request)
    return MailContent(
        to=request.user.email,
        name=request.full_name,
        values={
            "reference": request.reference,
            "platform": get_request_label(request.platform),
            "platform_short": get_short_label(request.platform),
            "company": request.company_name,
            "action_url": build_absolute_url("registrations:request_status", request.reference),
            **said,
        },
        contact=replace(contact, about=f"Demande {request.reference}"),
        team=contact.name,
        reply_to=contact.email,
    )


def build_agent_content(
    request: Request, *, to: str = "", name: str = "", **said: PlaceholderValue
) -> MailContent:
    """A mail about `request` to those who handle it. It holds no personal value."""
    return MailContent(
        to=to or choose_notice_mailbox(request.delegation, request.dga),
        name=name,
        values={
            "reference": request.reference,
            "platform": get_request_label(request.platform),
            "action_url": build_absolute_url("admin:registrations_request_change", request.pk),
            **said,
        },
        reply_to=settings.CONTACT_EMAIL,
    )
