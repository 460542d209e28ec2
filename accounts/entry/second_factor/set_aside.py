"""Second factors that a reported loss sets aside until an agent has spoken.

Whoever knows a password for a few days may have added a factor, or put one of their own in the
place of the owner's: the mailed way back must not stop at it. Older factors stay, or the mailbox
would be worth the factor. Agents' factors are never set aside: they ask a national
administrator.
"""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from accounts.entry.models import SetAsideFactor
from accounts.entry.second_factor import factors
from accounts.people.models import User


def has_set_aside_factors(user: User) -> bool:
    return SetAsideFactor.objects.filter(user=user).exists()


@transaction.atomic
def set_aside_recent(user: User, *, now: datetime) -> int:
    """Move what was added in the last FACTOR_PROBATION; recovery codes go with the last factor.
    Returns how many rows.
    """
    if user.is_staff:
        return 0
    mine = Authenticator.objects.select_for_update().filter(user=user)
    moved = _move_to_set_aside(
        list(mine.filter(created_at__gt=now - settings.FACTOR_PROBATION)), now
    )
    if moved and not factors.has_factor(user):
        moved += _move_to_set_aside(list(mine), now)
    return moved


def _read_columns(row: Authenticator | SetAsideFactor) -> dict[str, Any]:
    shared = ("user_id", "type", "data", "created_at", "last_used_at")
    return {name: getattr(row, name) for name in shared}


def _move_to_set_aside(rows: list[Authenticator], now: datetime) -> int:
    for row in rows:
        SetAsideFactor.objects.create(**_read_columns(row), set_aside_at=now)
        row.delete()
    return len(rows)


@transaction.atomic
def restore_set_aside_factors(user: User) -> int:
    """Make them the person's again, but an application or recovery codes that others stand for by
    now. Returns how many were given back.
    """
    User.objects.select_for_update().get(pk=user.pk)
    given = 0
    there = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    for row in SetAsideFactor.objects.filter(user=user):
        passkey = row.type == Authenticator.Type.WEBAUTHN
        if passkey or row.type not in there:
            again = {"data": {**row.data, "alone": False}} if passkey else {}
            Authenticator.objects.create(**_read_columns(row) | again)
            given += 1
    SetAsideFactor.objects.filter(user=user).delete()
    return given


def erase_set_aside_factors(user: User) -> int:
    """They were a stranger's. Returns how many."""
    return SetAsideFactor.objects.filter(user=user).delete()[0]
