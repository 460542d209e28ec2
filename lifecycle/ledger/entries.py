"""The ledger: references of accounts, and lines to write, read and purge."""

import hmac
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from lifecycle.models import LedgerEntry, LifecycleCase
from mgestion.database.append_only import purge_window

_CHUNK = 5000


def list_references(public_id: UUID) -> list[str]:
    """The ledger references of an account, one for each hash key, the current key first.

    A reference is a keyed hash of the public id: without the key it leads to nobody.
    """
    return [_hash_reference(key, public_id) for key in settings.HASH_KEYS]


def get_reference(public_id: UUID) -> str:
    return _hash_reference(settings.HASH_KEYS[0], public_id)


def _hash_reference(key: str, public_id: UUID) -> str:
    message = b"lifecycle.ledger:" + public_id.bytes
    return hmac.digest(key.encode(), message, "sha256").hex()[:32]


def build_ledger_entry(
    public_id: UUID,
    line: str,
    *,
    now: datetime,
    cause: str = "",
    anchor: date | None = None,
    last_day: date | None = None,
    reason: str = "",
    case: UUID | None = None,
    mail: UUID | None = None,
    run: UUID | None = None,
    actor: str = "",
) -> LedgerEntry:
    """An unsaved line."""
    return LedgerEntry(
        at=now,
        reference=get_reference(public_id),
        line=line,
        cause=cause,
        anchor=anchor,
        last_day=last_day,
        reason=reason,
        case_id=case,
        mail_id=mail,
        run_id=run,
        actor=actor,
    )


def build_case_entry(
    case: LifecycleCase, line: str, *, now: datetime, mail: UUID | None = None, **more: Any
) -> LedgerEntry:
    """An unsaved line about `case`. `more`: last_day, reason, run, actor."""
    return build_ledger_entry(
        case.user.public_id,
        line,
        now=now,
        cause=case.cause,
        anchor=case.anchor,
        case=case.pk,
        mail=mail,
        **more,
    )


def write_ledger_entries(entries: Iterable[LedgerEntry]) -> None:
    """Inserts lines in the caller's transaction."""
    LedgerEntry.objects.bulk_create(entries)


def list_account_entries(public_id: UUID) -> list[LedgerEntry]:
    """The lines of an account, oldest first."""
    return list(LedgerEntry.objects.filter(reference__in=list_references(public_id)).order_by("id"))


@transaction.atomic
def purge_ledger(now: datetime) -> int:
    """Deletes lines older than RETENTION["ledger"], through the window of the triggers."""
    old = LedgerEntry.objects.filter(at__lt=now - settings.RETENTION["ledger"]).order_by("id")
    ids = list(old.values_list("pk", flat=True)[:_CHUNK])
    if not ids:
        return 0
    deleted = 0
    with purge_window():
        while ids:
            deleted += LedgerEntry.objects.filter(pk__in=ids).delete()[0]
            ids = list(old.values_list("pk", flat=True)[:_CHUNK])
    return deleted
