"""The mails that tell of a message. They hold nothing of what it says."""

from datetime import datetime
from typing import Final

from accounts.habilitations.staff.permissions import get_staff, may_decide, may_see_request
from accounts.people.enums import Status
from mgestion.outbox.catalogue.kinds import MailContent, MailKind, flag_value
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_moment
from registrations.conversation.flows import TO_DESK_MAIL, TO_PERSON_MAIL
from registrations.requests.mail_contents import (
    OF_APPLICANT,
    OF_DESK,
    REQUEST_PAGE,
    build_agent_content,
    build_applicant_content,
)
from registrations.requests.models import Request
from registrations.requests.querysets import find_request_with_details


def build_message_to_person(mail: Mail, now: datetime) -> MailContent | None:
    """To the applicant: somebody wrote to them. None once they have read it, or the request is
    closed.
    """
    request = find_request_with_details(mail.subject_id)
    if request is None or request.person_unread_since is None:
        return None
    return build_applicant_content(request)


def build_message_to_desk(mail: Mail, now: datetime) -> MailContent | None:
    """To the agent who holds the request, else to the délégation: the applicant wrote. None once
    an agent has read it, or the request is closed.
    """
    request = find_request_with_details(mail.subject_id)
    if request is None or request.desk_unread_since is None:
        return None
    return build_agent_content(
        request,
        to=_find_holder_address(request),
        establishment_type=request.get_kind_display(),
        department=str(request.department),
        due=french_moment(request.due_at),
        paused=request.paused_at is not None,
    )


def _find_holder_address(request: Request) -> str:
    """The address of the agent who holds the request, while they may still decide it."""
    holder = request.assignee
    if holder is None or holder.status != Status.ACTIVE:
        return ""
    staff = get_staff(holder)
    sees = may_see_request(staff, delegation_id=request.delegation_id, dga_id=request.dga_id)
    return holder.email if may_decide(staff) and sees else ""


MAILS: Final = (
    MailKind(
        TO_PERSON_MAIL,
        "message de l’interlocuteur",
        build_message_to_person,
        (*OF_APPLICANT, REQUEST_PAGE),
    ),
    MailKind(
        TO_DESK_MAIL,
        "message de la personne",
        build_message_to_desk,
        (*OF_DESK, flag_value("paused", "le délai est en pause", sample=False)),
    ),
)
