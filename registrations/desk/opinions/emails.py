"""The mails about opinions: a reference and a link, nothing of what was asked or answered."""

from datetime import datetime
from typing import Final

from django.conf import settings

from accounts.habilitations.reference.models import Dga
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.outbox.catalogue.kinds import MailContent, MailKind, line_value, link_value
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_date, french_moment, paris_date
from mgestion.web.links import build_absolute_url
from registrations.desk.opinions.models import Opinion
from registrations.desk.opinions.opinion_flows import OPINION_ASKED_MAIL, OPINION_GIVEN_MAIL
from registrations.requests.mail_contents import (
    DESK_PAGE,
    DUE,
    PLATFORM,
    REFERENCE,
    build_agent_content,
)
from registrations.requests.models import Request
from registrations.requests.querysets import find_request_with_details

OPINIONS_DIGEST_MAIL: Final = "registrations.opinions_digest"


def build_opinion_asked(mail: Mail, now: datetime) -> MailContent | None:
    """To the agent or to the DGA's mailbox. None once the opinion is no longer awaited."""
    opinion = Opinion.objects.open().filter(pk=mail.data.get("opinion")).first()
    request = find_request_with_details(mail.subject_id)
    if opinion is None or request is None:
        return None
    if opinion.dga is not None:
        return build_agent_content(request, to=opinion.dga.email, due=french_moment(request.due_at))
    return _build_agent_mail(request, mail)


def build_opinion_given(mail: Mail, now: datetime) -> MailContent | None:
    """To the agent who asked. None once the request is decided."""
    request = find_request_with_details(mail.subject_id)
    return _build_agent_mail(request, mail) if request is not None and request.is_open else None


def build_opinions_digest(mail: Mail, now: datetime) -> MailContent | None:
    """The morning's count, to the mailbox of a DGA. None when it is asked for nothing."""
    dga = Dga.objects.filter(code=mail.data.get("dga", "")).first()
    awaited = Opinion.objects.open().filter(dga=dga) if dga else Opinion.objects.none()
    oldest = awaited.order_by("asked_at").first()
    if dga is None or oldest is None:
        return None
    return MailContent(
        to=dga.email,
        name="",
        values={
            "holder": dga.name,
            "day": french_date(paris_date(now)),
            "awaited": awaited.count(),
            "since": french_date(paris_date(oldest.asked_at)),
            "action_url": build_absolute_url("admin:index"),
        },
        reply_to=settings.CONTACT_EMAIL,
    )


def _build_agent_mail(request: Request, mail: Mail) -> MailContent | None:
    asked = User.objects.filter(public_id=mail.person) if mail.person else User.objects.none()
    person = asked.filter(status=Status.ACTIVE).first()
    if person is None:
        return None
    due = french_moment(request.due_at)
    return build_agent_content(request, to=person.email, name=str(person), due=due)


_OF_AGENTS: Final = (REFERENCE, PLATFORM, DUE, DESK_PAGE)
MAILS: Final = (
    MailKind(OPINION_ASKED_MAIL, "avis demandé", build_opinion_asked, _OF_AGENTS),
    MailKind(OPINION_GIVEN_MAIL, "avis rendu", build_opinion_given, _OF_AGENTS),
    MailKind(
        OPINIONS_DIGEST_MAIL,
        "avis attendus d’une DGA",
        build_opinions_digest,
        (
            line_value("holder", "DGA", "DGA Services de l’automobile"),
            line_value("day", "jour", "mardi 17 mars 2026"),
            line_value("awaited", "nombre d’avis attendus", "3", required=True),
            line_value("since", "jour de la plus ancienne demande d’avis", "lundi 16 mars 2026"),
            link_value("action_url", "accueil des agents", "/admin/"),
        ),
    ),
)
