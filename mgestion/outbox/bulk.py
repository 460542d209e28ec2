"""Queuing many mails of one kind at once: one statement, whatever the number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection

from mgestion import slots
from mgestion.database.bulk import insert_many
from mgestion.outbox.flows import priority_of
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
    domain = _ready(kind)
    rows = {f"{kind}:{letter.subject}:{letter.cycle}": letter for letter in letters}
    asked = list(rows.values())
    ids = [uuid4() for _ in asked]
    columns: dict[str, Sequence[Any]] = {
        "id": ids,
        "key": list(rows),
        "subject_id": [letter.subject for letter in asked],
        "cycle": [letter.cycle for letter in asked],
        "person": [letter.person for letter in asked],
        "message_id": [f"<{pk}@{domain}>" for pk in ids],
    }
    if any(letter.data for letter in asked):
        columns["data"] = [letter.data for letter in asked]
    same = {"kind": kind, "created_at": now, "next_at": now, "priority": priority_of(kind)}
    if len(insert_many(Mail, columns, same, key="key")) == len(ids):
        return {letter.subject: pk for letter, pk in zip(asked, ids, strict=True)}
    # Some existed already.
    return dict(Mail.objects.filter(key__in=list(rows)).values_list("subject_id", "pk"))


def queue_first(
    kind: str, subjects: Sequence[str], people: Sequence[UUID], *, now: datetime
) -> list[str]:
    """The same for subjects that were made just now, one mail each: no key of theirs can exist, so
    that none is looked up. Takes and returns identifiers as texts, which are written many times.
    """
    domain = _ready(kind)
    ids = [str(uuid4()) for _ in subjects]
    columns: dict[str, Sequence[Any]] = {
        "id": ids,
        "key": [f"{kind}:{subject}:" for subject in subjects],
        "subject_id": subjects,
        "person": people,
        "message_id": [f"<{pk}@{domain}>" for pk in ids],
    }
    same = {"kind": kind, "created_at": now, "next_at": now, "priority": priority_of(kind)}
    insert_many(Mail, columns, same, strict=True)
    return ids


def _ready(kind: str) -> str:
    """The domain of the mails' identifiers. Raises when `kind` may not be queued here and now."""
    if not connection.in_atomic_block:
        raise RuntimeError("A mail is queued in the transaction of what causes it.")
    if kind not in slots.mail_kinds:
        raise LookupError(f"No builder for mails of kind {kind!r}.")
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
