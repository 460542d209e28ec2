"""The one erasure of accounts, for the lifecycle, a closure and a désinscription alike.

What is held about a person, and what becomes of it, is said by the inventory alone
(`mgestion.personal_data`): higher packages are reached through their entries.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.acts import AccountAct
from accounts.leaving import erasure_list
from accounts.people import administrators
from accounts.people.models import User
from mgestion import personal_data
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_account_entries
from mgestion.personal_data import DataSubjects

ERASURE = Actor.system("accounts.erasure")
_CHUNK = 1000  # accounts in one statement: bounds its parameters, whatever the caller claims


@transaction.atomic
def erase_accounts(
    user_ids: Sequence[int], *, cause: str, actor: Actor = ERASURE, now: datetime
) -> dict[str, int]:
    """Removes every trace of these accounts, in the caller's transaction.

    `cause` is a code, for the journal. Whether they may be erased now is the caller's to claim
    before; an account that is gone already is passed over. The rows are locked first: a login at
    the same moment either came before, and is erased with the rest, or waits and finds no account.

    Returns how many rows went, by entry of the inventory. Raises Refused, with nothing changed, if
    nobody would be left to administer the portal.
    """
    counts: dict[str, int] = {}
    for start in range(0, len(user_ids), _CHUNK):
        _refuse_last(user_ids[start : start + _CHUNK])
        for name, rows in _erase_chunk(user_ids[start : start + _CHUNK], cause, actor, now).items():
            counts[name] = counts.get(name, 0) + rows
    return counts


def build_data_subjects(users: Sequence[User]) -> DataSubjects:
    """The plain values by which the inventory finds what these accounts have."""
    return DataSubjects(
        ids=tuple(user.pk for user in users),
        public_ids=tuple(user.public_id for user in users),
        addresses=tuple(user.email_key for user in users),
    )


def _erase_chunk(
    user_ids: Sequence[int], cause: str, actor: Actor, now: datetime
) -> dict[str, int]:
    rows = User.objects.filter(pk__in=user_ids).order_by("pk")
    people = build_data_subjects(list(rows.only("public_id", "email_key").select_for_update()))
    if not people.ids:
        return {}
    # Outside the database, for the day a backup brings them back.
    erasure_list.write_erasures(erasure_list.MEANT, people.public_ids, now)
    transaction.on_commit(
        lambda: erasure_list.write_erasures(erasure_list.DONE, people.public_ids, now)
    )
    write_account_entries(
        AccountAct.ACCOUNT_ERASED, people.public_ids, actor=actor, reason=cause, now=now
    )
    return {name: entry.run(people, now) for name, entry in personal_data.list_entries()}


def _refuse_last(user_ids: Sequence[int]) -> None:
    if User.objects.filter(administrators.administers_by_any_right(), pk__in=user_ids).exists():
        administrators.lock_administrators()
        administrators.refuse_last_administrator(user_ids)
