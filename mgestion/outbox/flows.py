"""Verbs on mails: put in the queue, send what is due, send again, forget what was said."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from mgestion import slots
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import record
from mgestion.outbox.models import Mail, MailStatus


def queue(
    kind: str,
    *,
    subject: UUID,
    cycle: str = "",
    person: UUID | None = None,
    data: Mapping[str, str | int] | None = None,
    now: datetime,
) -> Mail:
    """Writes the mail's row in the current transaction: it leaves if, and only if, that commits.

    The key (kind, subject, cycle) is unique: queuing it again, even at the same moment elsewhere,
    gives the row that exists. Nothing is published: the worker's sweep finds the row (no broker in
    a request's way). RuntimeError outside a transaction; LookupError for a kind nobody builds.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A mail is queued in the transaction of what causes it.")
    if kind not in slots.mail_kinds:
        raise LookupError(f"No builder for mails of kind {kind!r}.")
    pk = uuid4()
    key = f"{kind}:{subject}:{cycle}"
    row = Mail(
        id=pk,
        kind=kind,
        subject_id=subject,
        cycle=cycle,
        key=key,
        person=person,
        data=dict(data or {}),
        created_at=now,
        next_at=now,
        message_id=f"<{pk}@{_domain()}>",
    )
    # ON CONFLICT DO NOTHING waits for a twin in flight, and leaves our transaction usable.
    Mail.objects.bulk_create([row], ignore_conflicts=True)
    return Mail.objects.get(key=key)


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
