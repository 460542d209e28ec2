"""The sent mails of the demo crowd, as the outbox stores them once the mail server accepted them.

The real builders write them. Bodies older than the retention are empty, and mails whose builder
returns None are dropped, as in production.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Final
from uuid import uuid4

from django.conf import settings

from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail, MailStatus
from registrations.requests.document_models import Asking
from registrations.requests.models import Request

_DELIVERY_TIME: Final = timedelta(seconds=4)  # the worker's run, and the server's answer


@dataclass(frozen=True, slots=True)
class DemoMail:
    """A mail to the author of `request`. A mail about an asking is kept only while it is open,
    because its builder returns None afterwards.
    """

    kind: str
    request: Request
    at: datetime
    cycle: str = ""
    asking: Asking | None = None

    @property
    def stands(self) -> bool:
        return self.asking is None or self.asking.closed_at is None


def write_demo_mails(mails: Iterable[DemoMail], now: datetime) -> None:
    """Store the mails as sent, in bulk; call it after the rows that they describe are written."""
    Mail.objects.bulk_create([_build_mail(mail, now) for mail in mails if mail.stands])


def _build_mail(sent: DemoMail, now: datetime) -> Mail:
    pk = uuid4()
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    cycle = f"asking-{sent.asking.pk}" if sent.asking else sent.cycle
    mail = Mail(
        id=pk,
        kind=sent.kind,
        subject_id=sent.request.pk,
        cycle=cycle,
        key=f"{sent.kind}:{sent.request.pk}:{cycle}",
        person=sent.request.user.public_id,
        data={"asking": sent.asking.pk} if sent.asking else {},
        status=MailStatus.SENT,
        created_at=sent.at,
        next_at=sent.at,
        message_id=f"<{pk}@{domain}>",
    )
    if sent.at >= now - settings.RETENTION["mail_bodies"]:
        message = build_message(mail, sent.at)
        if message is None:
            mail.status = MailStatus.DROPPED
            return mail
        mail.to, mail.subject = message.to, message.subject
        mail.text, mail.html, mail.deadline = message.text, message.html, message.deadline
    else:
        mail.data = {}
    mail.attempts = 1
    mail.accepted_at = sent.at + _DELIVERY_TIME
    return mail
