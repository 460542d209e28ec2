"""The ledger: who stands in it under which reference, and the lines (D29, D62)."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from lifecycle.models import LedgerEntry
from mgestion.journal.triggers import WINDOW

_CHUNK = 5000


def references(public_id: UUID) -> list[str]:
    """The ledger references of an account, that of the signing key first (keys rotate, D29).

    A keyed hash of the public id: without the key nobody can tell whose line it is.
    """
    message = b"lifecycle.ledger:" + public_id.bytes
    return [
        hmac.new(key.encode(), message, hashlib.sha256).hexdigest()[:32]
        for key in settings.HASH_KEYS
    ]


def reference(public_id: UUID) -> str:
    return references(public_id)[0]


def entry(
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
    """A line, not written yet."""
    return LedgerEntry(
        at=now,
        reference=reference(public_id),
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


def write(entries: Iterable[LedgerEntry]) -> None:
    """In the transaction of what the lines say."""
    LedgerEntry.objects.bulk_create(entries)


def lines_of(public_id: UUID) -> list[LedgerEntry]:
    """The story of an account, oldest first."""
    return list(LedgerEntry.objects.filter(reference__in=references(public_id)).order_by("id"))


@transaction.atomic
def purge(now: datetime) -> int:
    """Deletes lines older than RETENTION["ledger"], through the window of the triggers."""
    old = LedgerEntry.objects.filter(at__lt=now - settings.RETENTION["ledger"]).order_by("id")
    ids = list(old.values_list("pk", flat=True)[:_CHUNK])
    if not ids:
        return 0
    _window(is_open=True)
    deleted = 0
    while ids:
        deleted += LedgerEntry.objects.filter(pk__in=ids).delete()[0]
        ids = list(old.values_list("pk", flat=True)[:_CHUNK])
    _window(is_open=False)
    return deleted


def _window(*, is_open: bool) -> None:
    value: bool | int = is_open if connection.vendor == "postgresql" else int(is_open)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {WINDOW} SET open = %s WHERE id = 1", [value])  # noqa: S608
