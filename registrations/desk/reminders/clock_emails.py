"""The mails of the desk's clock, and of a mail that never arrived. Several people read those to the
desk: a reference and figures, nobody's data.
"""

from datetime import datetime
from typing import Final

from django.conf import settings

from accounts.habilitations.reference.models import Delegation
from accounts.habilitations.staff.permissions import get_staff, may_configure
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.outbox.catalogue.kinds import (
    MailContent,
    MailKind,
    flag_value,
    line_value,
    link_value,
)
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_date, french_moment, paris_date
from mgestion.web.links import build_absolute_url
from registrations.desk.reminders import clock_flows
from registrations.desk.reminders.clock_flows import count_open_requests
from registrations.desk.reminders.models import UndeliveredMail
from registrations.desk.reminders.undelivered_flows import UNDELIVERED_MAIL
from registrations.requests.enums import DueState
from registrations.requests.mail_contents import (
    COMPANY,
    DEPARTMENT,
    DESK_PAGE,
    DUE,
    ESTABLISHMENT_TYPE,
    PLATFORM,
    PLATFORM_SHORT,
    REFERENCE,
    REQUEST_PAGE,
    build_agent_content,
    build_applicant_content,
)
from registrations.requests.querysets import find_request_with_details
from registrations.requests.review.review_rules import compute_due_state


def build_reminder(mail: Mail, now: datetime) -> MailContent | None:
    """To the délégation's mailbox: a request still waits. None once decided or paused."""
    request = find_request_with_details(mail.subject_id)
    if request is None or compute_due_state(request, now) in (None, DueState.PAUSED):
        return None
    return build_agent_content(
        request,
        establishment_type=request.get_kind_display(),
        department=str(request.department),
        submitted=french_moment(request.submitted_at),
        due=french_moment(request.due_at),
    )


def build_overdue(mail: Mail, now: datetime) -> MailContent | None:
    """To a national administrator, or to the national contact when there is none: a request is
    late. None once it is decided or paused, or when they are no longer one."""
    request = find_request_with_details(mail.subject_id)
    if request is None or compute_due_state(request, now) != DueState.OVERDUE:
        return None
    person = _find_administrator(mail)
    if mail.person is not None and person is None:
        return None
    return build_agent_content(
        request,
        to=person.email if person else settings.CONTACT_EMAIL,
        name=str(person or ""),
        establishment_type=request.get_kind_display(),
        delegation=str(request.delegation or "aucune, à orienter"),
        submitted=french_moment(request.submitted_at),
        due=french_moment(request.due_at),
    )


def build_late(mail: Mail, now: datetime) -> MailContent | None:
    """To the applicant: the answer is late, with an excuse and whom to ask. None once
    it is decided or paused, or when the account is no longer active.
    """
    request = find_request_with_details(mail.subject_id)
    if request is None or compute_due_state(request, now) != DueState.OVERDUE:
        return None
    if request.user.status != Status.ACTIVE:
        return None
    return build_applicant_content(request, due=french_moment(request.due_at))


def build_digest(mail: Mail, now: datetime) -> MailContent | None:
    """The morning's count, for one délégation or for the whole. None when nothing is open."""
    code = mail.data.get("delegation", "")
    delegation = Delegation.objects.filter(code=code).first() if code else None
    person = None if code else _find_administrator(mail)
    if delegation is None and person is None:
        return None
    state = count_open_requests(delegation, now)
    if not state.todo:
        return None
    return MailContent(
        to=person.email if person else (delegation.email if delegation else ""),
        name=str(person) if person else "",
        values={
            "holder": delegation.name if delegation else "Toutes les délégations",
            "day": french_date(paris_date(now)),
            "to_handle": state.todo,
            "late": state.late,
            "older_than_a_day": state.amber,
            "awaiting_answer": state.asked,
            "unassigned": state.free,
            "unrouted": state.unrouted,
            "national": delegation is None,
            "action_url": build_absolute_url("admin:registrations_request_changelist"),
        },
        reply_to=settings.CONTACT_EMAIL,
    )


def build_undelivered(mail: Mail, now: datetime) -> MailContent | None:
    """To the délégation: a mail to an applicant never arrived. None once an agent settled it."""
    request = find_request_with_details(mail.subject_id)
    notice = UndeliveredMail.objects.open().filter(mail=mail.data.get("mail")).first()
    if request is None or notice is None:
        return None
    return build_agent_content(
        request, status=request.get_status_display(), department=str(request.department)
    )


def _find_administrator(mail: Mail) -> User | None:
    if mail.person is None:
        return None
    person = User.objects.filter(public_id=mail.person, status=Status.ACTIVE).first()
    return person if person is not None and may_configure(get_staff(person)) else None


_SUBMITTED: Final = line_value(
    "submitted", "moment de la réception", "mardi 17 mars 2026 à 10\u00a0h\u00a000"
)
MAILS: Final = (
    MailKind(
        "registrations.reminder",
        "demande à traiter\u00a0: rappel",
        build_reminder,
        (REFERENCE, PLATFORM, ESTABLISHMENT_TYPE, DEPARTMENT, _SUBMITTED, DUE, DESK_PAGE),
    ),
    MailKind(
        "registrations.overdue",
        "demande en retard",
        build_overdue,
        (
            *(REFERENCE, PLATFORM, ESTABLISHMENT_TYPE, _SUBMITTED, DUE, DESK_PAGE),
            line_value("delegation", "délégation", "Délégation régionale Île-de-France"),
        ),
    ),
    MailKind(
        clock_flows.LATE_MAIL,
        "excuse pour notre retard",
        build_late,
        (REFERENCE, PLATFORM, PLATFORM_SHORT, COMPANY, DUE, REQUEST_PAGE),
    ),
    MailKind(
        "registrations.digest",
        "demandes à traiter",
        build_digest,
        (
            line_value("holder", "délégation, ou toutes", "Délégation régionale Île-de-France"),
            line_value("day", "jour", "mardi 17 mars 2026"),
            line_value("to_handle", "nombre de demandes à traiter", "12", required=True),
            line_value("late", "nombre de demandes en retard", "2"),
            line_value("older_than_a_day", "nombre de demandes de plus de 24\u00a0h", "3"),
            line_value("awaiting_answer", "nombre de demandes en attente d’une réponse", "4"),
            line_value("unassigned", "nombre de demandes sans instructeur", "5"),
            line_value("unrouted", "nombre de demandes sans délégation", "1"),
            flag_value("national", "le point porte sur toutes les délégations", sample=False),
            link_value("action_url", "file des demandes", "/admin/"),
        ),
    ),
    MailKind(
        UNDELIVERED_MAIL,
        "e-mail non remis à la personne",
        build_undelivered,
        (
            REFERENCE,
            PLATFORM,
            line_value("status", "statut de la demande", "Acceptée"),
            DEPARTMENT,
            DESK_PAGE,
        ),
    ),
)
