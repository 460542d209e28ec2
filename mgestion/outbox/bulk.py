"""Queuing many mails of one kind at once: two statements, whatever the number."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection

from mgestion import slots
from mgestion.outbox.models import Mail


@dataclass(frozen=True, slots=True)
class Letter:
    """What `outbox.flows.queue` takes of one mail."""

    subject: UUID
    cycle: str = ""
    person: UUID | None = None
    data: dict[str, str | int] = field(default_factory=dict)


def queue_many(kind: str, letters: Iterable[Letter], *, now: datetime) -> dict[UUID, UUID]:
    """Writes the rows in the current transaction; subject → mail. The rules of
    `outbox.flows.queue`: an existing key (kind, subject, cycle) gives the row that exists.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A mail is queued in the transaction of what causes it.")
    if kind not in slots.mail_kinds:
        raise LookupError(f"No builder for mails of kind {kind!r}.")
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    rows: dict[str, Mail] = {}
    for letter in letters:
        pk = uuid4()
        key = f"{kind}:{letter.subject}:{letter.cycle}"
        rows[key] = Mail(
            id=pk,
            kind=kind,
            subject_id=letter.subject,
            cycle=letter.cycle,
            key=key,
            person=letter.person,
            data=letter.data,
            created_at=now,
            next_at=now,
            message_id=f"<{pk}@{domain}>",
        )
    Mail.objects.bulk_create(rows.values(), ignore_conflicts=True)
    found = Mail.objects.filter(key__in=list(rows)).values_list("subject_id", "pk")
    return dict(found)
