"""After a restored backup, before the portal reopens (D62)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Max

from accounts.habilitations.accesses import change_feed
from accounts.leaving import account_erasure, erasure_list
from accounts.people.models import User
from lifecycle.enums import Line
from lifecycle.ledger import entries
from lifecycle.models import LedgerEntry
from mgestion.errors import Refused
from mgestion.journal.actors import Actor

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`doubtful`: accounts that are back, and of which the list does not say whether their erasure
    was committed. Somebody decides: the backup may be older or newer than the crash. `refused`:
    whom the portal cannot be without, since his successor came after the backup (D24).
    """

    erased: int
    doubtful: list[str]
    refused: list[str]


class Trouble(StrEnum):
    """Why the list may not know whom to erase again."""

    MISSING = "missing"
    EMPTY = "empty"
    OLDER = "older_than_ledger"


@dataclass(frozen=True, slots=True)
class Source:
    """The list as it lies there, and the newest erasure that the restored ledger tells of (aware).
    `trouble`: why it cannot be believed; "" when it can.
    """

    path: str
    extent: erasure_list.Extent
    ledger_newest: datetime | None
    trouble: Trouble | None


def source() -> Source:
    """To be asked before anybody is erased again: no list, or an old one, looks like nobody."""
    extent = erasure_list.extent()
    newest = LedgerEntry.objects.filter(line=Line.DELETED).aggregate(at=Max("at"))["at"]
    trouble = None
    if not extent.there:
        trouble = Trouble.MISSING
    elif extent.newest is None:
        trouble = Trouble.EMPTY
    elif newest is not None and extent.newest < newest:
        trouble = Trouble.OLDER
    return Source(str(erasure_list.path()), extent, newest, trouble)


def returned() -> list[User]:
    """Accounts that the list says were erased, and that a backup has brought back."""
    ids = list(erasure_list.erased())
    found: list[User] = []
    for start in range(0, len(ids), _CHUNK):
        found.extend(User.objects.filter(public_id__in=ids[start : start + _CHUNK]))
    return found


def doubtful() -> list[str]:
    ids = list(erasure_list.undecided())
    people = User.objects.filter(public_id__in=ids).values_list("public_id", flat=True)
    return sorted(str(one) for one in people)


def reconcile(
    *,
    actor: Actor,
    now: datetime,
    expect: Callable[[int], None] = lambda total: None,
    progress: Callable[[int], None] = lambda done: None,
) -> Reconciled:
    """Erases again whom a backup brought back. Idempotent; by sets, each in its transaction, and
    one by one where a set is refused. `expect` is told how many there are, `progress` how many each
    set held. The platforms' feeds go on far above what they may have read before (`changes.skip`).
    """
    change_feed.skip()
    people = returned()
    expect(len(people))
    left: list[User] = []
    for start in range(0, len(people), _CHUNK):
        chunk = people[start : start + _CHUNK]
        left += _erase(chunk, actor, now)
        progress(len(chunk))
    refused = sorted(str(user.public_id) for user in left)
    return Reconciled(len(people) - len(left), doubtful(), refused)


def _erase(people: list[User], actor: Actor, now: datetime) -> list[User]:
    """Those who could not be."""
    try:
        with transaction.atomic():
            entries.write(
                entries.entry(
                    user.public_id, Line.DELETED, now=now, reason="reconciled", actor=actor.ref
                )
                for user in people
            )
            account_erasure.erase(
                [user.pk for user in people], cause="reconciled", actor=actor, now=now
            )
    except Refused:
        if len(people) == 1:
            return people
        return [left for user in people for left in _erase([user], actor, now)]
    return []
