"""Verbs on mails: queue, send again, forget what was said. Sending: `outbox.delivery`."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction

from mgestion import slots
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.acts import MailAct
from mgestion.outbox.delivery import Delivered, deliver_due
from mgestion.outbox.models import Mail, MailPriority, MailStatus

__all__ = ["Delivered", "deliver_due", "purge_bodies", "queue", "resend"]

# What a mail said and to whom. The row that stays proves that something was sent, and when.
FORGOTTEN: dict[str, Any] = {
    "to": "",
    "subject": "",
    "text": "",
    "html": "",
    "data": {},
    "last_error": "",
}


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
        priority=priority_of(kind),
        message_id=f"<{pk}@{_domain()}>",
    )
    # ON CONFLICT DO NOTHING waits for a twin in flight, and leaves our transaction usable.
    Mail.objects.bulk_create([row], ignore_conflicts=True)
    return Mail.objects.get(key=key)


def priority_of(kind: str) -> MailPriority:
    return MailPriority.AWAITED if slots.mail_kinds[kind].awaited else MailPriority.LETTER


@transaction.atomic
def resend(mail_id: UUID, actor: Actor, now: datetime) -> Mail:
    """Puts a dead mail back in the queue, with new 24 hours. WrongState for any other, and for one
    of which what it said is forgotten (it was rendered once, hence had a recipient). Refused when
    the room it belongs to says so.
    """
    dead = Mail.objects.filter(pk=mail_id, status=MailStatus.DEAD).first()
    if dead is not None:
        for guard in slots.resend_guards.values():
            guard(dead)
    moved = (
        Mail.objects.filter(pk=mail_id, status=MailStatus.DEAD)
        .exclude(to="")
        .update(
            status=MailStatus.QUEUED,
            next_at=now,
            attempts=0,
            first_refused_at=None,
            claimed_by=None,
            claimed_until=None,
        )
    )
    if not moved:
        raise WrongState(
            "mail.not_dead",
            "Cet e-mail n’est pas en échec, ou son contenu est oublié\u00a0: rien à renvoyer.",
        )
    mail = Mail.objects.get(pk=mail_id)
    write_journal_entry(
        MailAct.MAIL_RESENT,
        actor=actor,
        object_type="mail",
        object_id=str(mail.pk),
        person=mail.person,
        reason=mail.kind,
        now=now,
    )
    return mail


def purge_bodies(now: datetime) -> dict[str, int]:
    """Forgets what mails said after RETENTION["mail_bodies"]; a mail still to be sent is kept."""
    old = Mail.objects.filter(created_at__lt=now - settings.RETENTION["mail_bodies"])
    done = old.exclude(status=MailStatus.QUEUED).exclude(to="", subject="", data={})
    return {"mails": done.update(**FORGOTTEN)}


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
