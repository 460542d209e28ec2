"""Writes and purges the journal."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import transaction

from mgestion import slots
from mgestion.database.append_only import purge_window
from mgestion.journal.actors import Actor
from mgestion.journal.acts import JournalUpkeepAct
from mgestion.journal.models import Detail, Entry
from mgestion.journal.words import JournalAct
from mgestion.web.logging.request_id import current_request_id

_CHUNK = 5000


def write_journal_entry(
    act: JournalAct,
    *,
    actor: Actor,
    object_type: str = "",
    object_id: str = "",
    person: UUID | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> Entry:
    """Records an act in the caller's transaction.

    `reason` is a code. Personal values (address, old value, device) go to `detail`, which is erased
    with the person; the entry itself holds none.
    """
    entry = Entry.objects.create(
        at=now,
        act=act,
        actor_kind=actor.kind,
        actor=actor.ref,
        object_type=object_type,
        object_id=object_id,
        person=person,
        reason=reason,
        request_id=current_request_id(),
    )
    for listener in slots.journal_listeners.values():
        listener(str(act))
    if detail:
        Detail.objects.create(entry=entry, person=person, data=dict(detail))
    return entry


def write_account_entry(
    act: JournalAct,
    account: UUID,
    *,
    actor: Actor,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> Entry:
    """An act on an account, named by its public id: the line's object, and whom it is about."""
    return write_journal_entry(
        act,
        actor=actor,
        object_type="account",
        object_id=str(account),
        person=account,
        reason=reason,
        detail=detail,
        now=now,
    )


def write_account_entries(
    act: JournalAct, accounts: Iterable[UUID], *, actor: Actor, reason: str, now: datetime
) -> None:
    """The same act on many accounts, in one statement."""
    Entry.objects.bulk_create(
        Entry(
            at=now,
            act=act,
            actor_kind=actor.kind,
            actor=actor.ref,
            object_type="account",
            object_id=str(account),
            person=account,
            reason=reason,
            request_id=current_request_id(),
        )
        for account in accounts
    )


def purge_old_entries(now: datetime) -> dict[str, int]:
    """Deletes what is older than RETENTION["journal"] (S29): entries, and the lines of the log that
    Django's administration writes beside them.
    """
    log = LogEntry.objects.filter(action_time__lt=now - settings.RETENTION["journal"])
    return {"entries": _purge_journal(now), "admin_log": log.delete()[0]}


@transaction.atomic
def _purge_journal(now: datetime) -> int:
    """Inside the purge window."""
    old = Entry.objects.filter(at__lt=now - settings.RETENTION["journal"]).order_by("id")
    deleted = 0
    with purge_window():
        while ids := list(old.values_list("pk", flat=True)[:_CHUNK]):
            Detail.objects.filter(entry_id__in=ids).delete()
            Entry.objects.filter(pk__in=ids).delete()
            deleted += len(ids)
    if deleted:
        write_journal_entry(
            JournalUpkeepAct.JOURNAL_PURGED,
            actor=Actor.system("journal.purge"),
            object_type="journal",
            reason="retention",
            detail={"entries": deleted},
            now=now,
        )
    return deleted
