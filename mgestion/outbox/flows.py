"""Verbs on mails: queue, send again, forget what was said. Sending: `outbox.delivery`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction

from mgestion import slots
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.acts import MailAct
from mgestion.outbox.models import Mail, MailPriority, MailStatus
from mgestion.outbox.sending.delivery import DeliveryCounts, deliver_due_mails

__all__ = [
    "DeliveryCounts",
    "NewMail",
    "deliver_due_mails",
    "purge_old_mails",
    "queue_mail",
    "queue_first_mails",
    "queue_mails",
    "resend_dead_mail",
]

_BATCH: Final = 1000

# What a mail said and to whom. The row that stays proves that something was sent, and when.
FORGOTTEN_FIELDS: dict[str, Any] = {
    "to": "",
    "subject": "",
    "text": "",
    "html": "",
    "data": {},
    "last_error": "",
}


@dataclass(frozen=True, slots=True)
class NewMail:
    """What one mail of a kind is about."""

    subject: UUID
    cycle: str = ""
    person: UUID | None = None
    data: Mapping[str, str | int] = field(default_factory=dict)
    not_before: datetime | None = None


def queue_mail(
    kind: str,
    *,
    person: UUID | None = None,
    subject: UUID | None = None,
    cycle: str = "",
    data: Mapping[str, str | int] | None = None,
    not_before: datetime | None = None,
    now: datetime,
) -> None:
    """Writes the mail's row in the current transaction: it leaves if, and only if, that commits.
    Its `subject` is the person unless said otherwise.

    The key (kind, subject, cycle) is unique: queuing it again, even at the same moment elsewhere,
    leaves the row that exists. Nothing is published: the worker's sweep finds the row (no broker in
    a request's way). `not_before`: it waits until then, so that what happens meanwhile is in it.
    RuntimeError outside a transaction; LookupError for a kind nobody builds.
    """
    subject = subject or person
    if subject is None:
        raise TypeError("A mail is about something or somebody.")
    rows = _build_mail_rows(kind, [NewMail(subject, cycle, person, data or {}, not_before)], now)
    # ON CONFLICT DO NOTHING waits for a twin in flight, and leaves our transaction usable.
    Mail.objects.bulk_create(rows, ignore_conflicts=True)


def queue_mails(kind: str, mails: Iterable[NewMail], *, now: datetime) -> dict[UUID, UUID]:
    """The same for many mails: subject → mail."""
    rows = {row.key: row for row in _build_mail_rows(kind, mails, now)}
    Mail.objects.bulk_create(rows.values(), ignore_conflicts=True)
    return dict(Mail.objects.filter(key__in=list(rows)).values_list("subject_id", "pk"))


def queue_first_mails(kind: str, mails: Iterable[NewMail], *, now: datetime) -> list[UUID]:
    """The same for subjects that were made just now, one mail each: no key of theirs can exist, so
    that none is looked up. The mails in the order of `mails`.
    """
    return [row.pk for row in Mail.objects.bulk_create(_build_mail_rows(kind, mails, now))]


def _build_mail_rows(kind: str, mails: Iterable[NewMail], now: datetime) -> list[Mail]:
    """RuntimeError and LookupError when `kind` may not be queued here and now."""
    if not connection.in_atomic_block:
        raise RuntimeError("A mail is queued in the transaction of what causes it.")
    if kind not in slots.mail_kinds:
        raise LookupError(f"No builder for mails of kind {kind!r}.")
    priority = get_mail_priority(kind)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return [
        Mail(
            id=(pk := uuid4()),
            kind=kind,
            subject_id=mail.subject,
            cycle=mail.cycle,
            key=f"{kind}:{mail.subject}:{mail.cycle}",
            person=mail.person,
            data=dict(mail.data),
            created_at=now,
            next_at=mail.not_before or now,
            priority=priority,
            message_id=f"<{pk}@{domain}>",
        )
        for mail in mails
    ]


def get_mail_priority(kind: str) -> MailPriority:
    return MailPriority.AWAITED if slots.mail_kinds[kind].awaited else MailPriority.LETTER


@transaction.atomic
def resend_dead_mail(mail_id: UUID, actor: Actor, now: datetime) -> Mail:
    """Puts a dead mail back in the queue, with new 24 hours. WrongState for any other, and for one
    of which what it said is forgotten (it was rendered once, hence had a recipient). Refused when
    the application it belongs to says so.
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


def purge_old_mails(now: datetime) -> dict[str, int]:
    """Forgets what mails said after RETENTION["mail_bodies"], and that they were sent after
    RETENTION["ledger"]: as long as a line of the ledger may name them. A mail still to be sent is
    kept.
    """
    done = Mail.objects.exclude(status=MailStatus.QUEUED)
    said = done.filter(created_at__lt=now - settings.RETENTION["mail_bodies"])
    forgotten = said.exclude(to="", subject="", data={}).update(**FORGOTTEN_FIELDS)
    return {"mails": forgotten, "rows": _delete_mails_before(now - settings.RETENTION["ledger"])}


def _delete_mails_before(before: datetime) -> int:
    """In batches, with their bounces; a procedure that waits for one waits for none."""
    old = Mail.objects.exclude(status=MailStatus.QUEUED).filter(created_at__lt=before)
    deleted = 0
    while ids := list(old.order_by("created_at").values_list("pk", flat=True)[:_BATCH]):
        Mail.objects.filter(pk__in=ids).delete()
        deleted += len(ids)
    return deleted
