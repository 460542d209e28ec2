"""Notifies higher packages of a changed account, in the transaction of the change."""

from collections.abc import Collection
from datetime import datetime

from accounts.people.models import User
from accounts.people.search.search_words import index_accounts
from mgestion import slots


def notify_standing_change(user_ids: Collection[int], active: bool, *, now: datetime) -> None:
    """These accounts may be used again (`active`), or may not for now."""
    for told in slots.account_state_changes.values():
        told(user_ids, active, now=now)


def notify_identity_change(user_id: int, fields: Collection[str], *, now: datetime) -> None:
    """These fields of the account have new values."""
    index_accounts(User.objects.filter(pk=user_id))
    for told in slots.identity_changes.values():
        told(user_id, fields, now=now)
