"""The letters of the demonstration's crowd, as the outbox leaves them once the server took them.

Each is written by the builder that writes the real ones. What the retention has forgotten by now
has no words any more; what does not hold any more when it is built is dropped, as in life.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Final
from uuid import uuid4

from django.conf import settings

from mgestion.outbox.models import Mail, MailStatus
from mgestion.outbox.texts import build_message
from registrations.requests.document_models import Asking
from registrations.requests.models import Request

_ON_ITS_WAY: Final = timedelta(seconds=4)  # the worker's sweep, and the server's answer


@dataclass(frozen=True, slots=True)
class DemoMail:
    """What was told to the person of `request`, and when. About a document: only while it is
    awaited, for the builder says nothing of one that came.
    """

    kind: str
    request: Request
    at: datetime
    cycle: str = ""
    asking: Asking | None = None

    @property
    def stands(self) -> bool:
        return self.asking is None or self.asking.closed_at is None


def write_demo_mails(letters: Iterable[DemoMail], now: datetime) -> None:
    """In bulk, after the rows that they tell of; nothing is left to send."""
    Mail.objects.bulk_create([_build_mail(letter, now) for letter in letters if letter.stands])


def _build_mail(letter: DemoMail, now: datetime) -> Mail:
    pk = uuid4()
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    cycle = f"asking-{letter.asking.pk}" if letter.asking else letter.cycle
    mail = Mail(
        id=pk,
        kind=letter.kind,
        subject_id=letter.request.pk,
        cycle=cycle,
        key=f"{letter.kind}:{letter.request.pk}:{cycle}",
        person=letter.request.user.public_id,
        data={"asking": letter.asking.pk} if letter.asking else {},
        status=MailStatus.SENT,
        created_at=letter.at,
        next_at=letter.at,
        message_id=f"<{pk}@{domain}>",
    )
    if letter.at >= now - settings.RETENTION["mail_bodies"]:
        message = build_message(mail, letter.at)
        if message is None:
            mail.status = MailStatus.DROPPED
            return mail
        mail.to, mail.subject = message.to, message.subject
        mail.text, mail.html, mail.deadline = message.text, message.html, message.deadline
    else:
        mail.data = {}
    mail.attempts = 1
    mail.accepted_at = letter.at + _ON_ITS_WAY
    return mail
