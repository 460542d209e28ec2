"""Notifies higher packages, or the person, of a changed account, in the transaction of it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from accounts.people.models import User
from accounts.people.search.search_words import index_accounts
from mgestion import slots
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_account_entry
from mgestion.journal.words import JournalAct
from mgestion.outbox.flows import queue_mail


def notify_standing_change(user_ids: Collection[int], active: bool, *, now: datetime) -> None:
    """These accounts may be used again (`active`), or may not for now."""
    for told in slots.account_state_changes.values():
        told(user_ids, active, now=now)


def notify_identity_change(user: User, fields: Collection[str], *, now: datetime) -> None:
    """These fields of the account have new values, which `user` holds too."""
    index_accounts([user])
    for told in slots.identity_changes.values():
        told(user.pk, fields, now=now)


def tell_account_change(
    act: JournalAct,
    mail: str,
    user: User,
    *,
    actor: Actor,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
    said: Mapping[str, str] | None = None,
    now: datetime,
) -> None:
    """The journal's line of a change, and the one mail about it, which says when and what was
    `said` (C7).
    """
    person = user.public_id
    entry = write_account_entry(act, person, actor=actor, reason=reason, detail=detail, now=now)
    data = {**(said or {}), "at": now.isoformat()}
    queue_mail(mail, person=person, cycle=str(entry.pk), data=data, now=now)
