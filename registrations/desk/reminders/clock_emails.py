"""The clock's letters. Several people read those to the desk: a reference and figures, nobody's
data (S60).
"""

from datetime import datetime

from django.conf import settings

from accounts.enums import Status
from accounts.habilitations.models import Delegation
from accounts.habilitations.permissions import may_configure, staff_of
from accounts.models import User
from mgestion.dates import french_date, paris_date
from mgestion.outbox.letters import compose
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail
from mgestion.web.links import absolute
from registrations.desk.reminders.clock_flows import state_of
from registrations.enrolment.emails import to_applicant
from registrations.requests.contacts import mailbox_of
from registrations.requests.enums import DueState
from registrations.requests.models import Request
from registrations.requests.querysets import with_details
from registrations.requests.review_rules import due_state


def reminder(mail: Mail, now: datetime) -> Message | None:
    """To the délégation's mailbox: a request still waits. None once decided or paused."""
    request = with_details(mail.subject_id)
    if request is None or due_state(request, now) in (None, DueState.PAUSED):
        return None
    return _about(
        "reminder", request, to=mailbox_of(request.delegation, request.dga), greeting="Bonjour,"
    )


def overdue(mail: Mail, now: datetime) -> Message | None:
    """To a national administrator, or to the national contact when there is none: a request is
    late. None once it is decided or paused, or when he is no longer one."""
    request = with_details(mail.subject_id)
    if request is None or due_state(request, now) != DueState.OVERDUE:
        return None
    if mail.person is None:
        return _about("overdue", request, to=settings.CONTACT_EMAIL, greeting="Bonjour,")
    person = _administrator(mail)
    if person is None:
        return None
    return _about("overdue", request, to=person.email, greeting=_hello(person))


def late(mail: Mail, now: datetime) -> Message | None:
    """To the applicant: the answer is late, with an excuse and whom to ask (D10, S59). None once
    it is decided or paused, or when the account is no longer active.
    """
    request = with_details(mail.subject_id)
    if request is None or due_state(request, now) != DueState.OVERDUE:
        return None
    if request.user.status != Status.ACTIVE:
        return None
    return to_applicant("late", request)


def digest(mail: Mail, now: datetime) -> Message | None:
    """The morning's count, for one délégation or for the whole. None when nothing is open."""
    code = mail.data.get("delegation", "")
    delegation = Delegation.objects.filter(code=code).first() if code else None
    person = None if code else _administrator(mail)
    if delegation is None and person is None:
        return None
    state = state_of(delegation, now)
    if not state.todo:
        return None
    return compose(
        "mail/registrations/digest",
        {
            "state": state,
            "day": french_date(paris_date(now)),
            "holder": delegation.name if delegation else "Toutes les délégations",
            "national": delegation is None,
            "greeting": _hello(person) if person else "Bonjour,",
            "action_url": absolute("admin:registrations_request_changelist"),
            "action_label": "Ouvrir la file",
            "privacy_url": absolute("legal:privacy"),
        },
        to=person.email if person else (delegation.email if delegation else ""),
        reply_to=settings.CONTACT_EMAIL,
    )


def _administrator(mail: Mail) -> User | None:
    if mail.person is None:
        return None
    person = User.objects.filter(public_id=mail.person, status=Status.ACTIVE).first()
    return person if person is not None and may_configure(staff_of(person)) else None


def _hello(person: User) -> str:
    return f"Bonjour {person},"


def _about(letter: str, request: Request, *, to: str, greeting: str) -> Message:
    return compose(
        f"mail/registrations/{letter}",
        {
            "request": request,
            "greeting": greeting,
            "action_url": absolute("admin:registrations_request_change", request.pk),
            "action_label": "Ouvrir la demande",
            "privacy_url": absolute("legal:privacy"),
        },
        to=to,
        reply_to=settings.CONTACT_EMAIL,
    )
