"""Erases again the accounts that a restored backup has brought back, before the portal reopens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Max

from accounts.habilitations.accesses import change_feed
from accounts.leaving import account_erasure, erasure_list
from accounts.people.models import User
from lifecycle.enums import LedgerLine
from lifecycle.ledger import entries
from lifecycle.models import LedgerEntry
from mgestion.errors import Refused
from mgestion.journal.actors import Actor

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ReconciliationResult:
    """`doubtful`: accounts in the database whose erasure the list does not say was committed. An
    operator decides: the backup may be older or newer than the crash. `refused`: the last national
    administrator, whose successor was created after the backup.
    """

    erased: int
    doubtful: list[str]
    refused: list[str]


class ErasureListTrouble(StrEnum):
    """Why the erasure list may be incomplete."""

    MISSING = "missing"
    EMPTY = "empty"
    OLDER = "older_than_ledger"


@dataclass(frozen=True, slots=True)
class ErasureListSource:
    """The erasure list, and the moment of the newest erasure in the restored ledger (aware).
    `trouble`: why the list cannot be trusted; None when it can.
    """

    path: str
    extent: erasure_list.ErasureListExtent
    ledger_newest: datetime | None
    trouble: ErasureListTrouble | None


def inspect_erasure_list() -> ErasureListSource:
    """Call before `reconcile_erasures`: a missing or an old list looks like « nobody to erase »."""
    extent = erasure_list.measure_erasure_list()
    newest = LedgerEntry.objects.filter(line=LedgerLine.DELETED).aggregate(at=Max("at"))["at"]
    trouble = None
    if not extent.there:
        trouble = ErasureListTrouble.MISSING
    elif extent.newest is None:
        trouble = ErasureListTrouble.EMPTY
    elif newest is not None and extent.newest < newest:
        trouble = ErasureListTrouble.OLDER
    return ErasureListSource(str(erasure_list.get_erasure_list_path()), extent, newest, trouble)


def find_returned_accounts() -> list[User]:
    """Accounts in the database that the list says were erased."""
    ids = list(erasure_list.read_erased())
    found: list[User] = []
    for start in range(0, len(ids), _CHUNK):
        found.extend(User.objects.filter(public_id__in=ids[start : start + _CHUNK]))
    return found


def find_doubtful_accounts() -> list[str]:
    ids = list(erasure_list.read_undecided())
    people = User.objects.filter(public_id__in=ids).values_list("public_id", flat=True)
    return sorted(str(one) for one in people)


def reconcile_erasures(
    *,
    actor: Actor,
    now: datetime,
    expect: Callable[[int], None] = lambda total: None,
    progress: Callable[[int], None] = lambda done: None,
) -> ReconciliationResult:
    """Erases again the accounts that a backup brought back. Idempotent. Works in batches, each in
    its own transaction, and one by one where a batch is refused. `expect` receives the total,
    `progress` the size of each batch. The change feed skips the numbers that platforms may have
    read before the restore.
    """
    change_feed.skip_change_numbers()
    people = find_returned_accounts()
    expect(len(people))
    left: list[User] = []
    for start in range(0, len(people), _CHUNK):
        chunk = people[start : start + _CHUNK]
        left += _erase_accounts(chunk, actor, now)
        progress(len(chunk))
    refused = sorted(str(user.public_id) for user in left)
    return ReconciliationResult(len(people) - len(left), find_doubtful_accounts(), refused)


def _erase_accounts(people: list[User], actor: Actor, now: datetime) -> list[User]:
    """Returns the accounts whose erasure was refused."""
    try:
        with transaction.atomic():
            entries.write_ledger_entries(
                entries.build_ledger_entry(
                    user.public_id,
                    LedgerLine.DELETED,
                    now=now,
                    reason="reconciled",
                    actor=actor.ref,
                )
                for user in people
            )
            account_erasure.erase_accounts(
                [user.pk for user in people], cause="reconciled", actor=actor, now=now
            )
    except Refused:
        if len(people) == 1:
            return people
        return [left for user in people for left in _erase_accounts([user], actor, now)]
    return []
