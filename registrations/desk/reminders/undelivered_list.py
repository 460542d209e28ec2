"""Undelivered mails, as the staff pages show them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.habilitations.staff.permissions import Staff, filter_by_scope
from mgestion.journal.words import get_reason_label
from mgestion.outbox.models import Mail, MailStatus
from registrations.desk.reminders.models import UndeliveredMail
from registrations.requests.models import Request


@dataclass(frozen=True, slots=True)
class UndeliveredNotice:
    row: UndeliveredMail
    title: str
    to: str
    error: str
    may_resend: bool


def list_open_notices(item: Request) -> list[UndeliveredNotice]:
    rows = list(UndeliveredMail.objects.open().filter(request=item).order_by("found_at"))
    if not rows:
        return []
    mails = Mail.objects.in_bulk([row.mail for row in rows])
    return [_build_notice(row, mails.get(row.mail)) for row in rows]


def _build_notice(row: UndeliveredMail, mail: Mail | None) -> UndeliveredNotice:
    title = get_reason_label("mail", row.kind)
    if mail is None:
        return UndeliveredNotice(row, title, "", "", may_resend=False)
    again = mail.status == MailStatus.DEAD and bool(mail.to)
    return UndeliveredNotice(row, title, mail.to, mail.last_error, may_resend=again)


def select_undelivered_request_ids() -> QuerySet[UndeliveredMail, Any]:
    """Keys of the requests that a mail which never arrived brings back in sight."""
    return UndeliveredMail.objects.open().order_by().values("request_id")


def count_undelivered(staff: Staff) -> int:
    return Request.objects.filter(
        filter_by_scope(staff), pk__in=select_undelivered_request_ids()
    ).count()
