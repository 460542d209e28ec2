"""Passkeys as their owner sees them: rows of django-allauth's, and what the portal keeps in them.

The standard's own checks are in `webauthn.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet

from accounts.people.models import User


@dataclass(frozen=True)
class Passkey:
    """One passkey, as its owner sees it."""

    ref: UUID
    name: str
    since: datetime
    last_used: datetime | None
    synced: bool  # the owner's account at a vendor keeps it on several devices
    alone: bool  # opens the account without the password


def select_passkeys(user: User) -> QuerySet[Authenticator]:
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(
        user=user, type=Authenticator.Type.WEBAUTHN
    )
    return rows.order_by("created_at", "pk")


def opens_alone(row: Authenticator) -> bool:
    return bool(row.data.get("alone", True))


@transaction.atomic
def require_password_with_passkeys(user: User, *, since: datetime | None = None) -> None:
    """From now on the keys of today, or those added after `since`, are a second factor only: a
    thief may have added one. They are not taken away, or the mailbox would be worth the factor.
    """
    rows = (
        select_passkeys(user)
        if since is None
        else select_passkeys(user).filter(created_at__gt=since)
    )
    for row in rows.select_for_update():
        row.data["alone"] = False
        row.save(update_fields=["data"])


def describe_passkey(row: Authenticator) -> Passkey:
    data = row.data
    return Passkey(
        ref=UUID(data["ref"]),
        name=data["name"],
        since=row.created_at,
        last_used=row.last_used_at,
        synced=bool(data.get("synced")),
        alone=opens_alone(row),
    )


def find_passkey(user: User, ref: UUID) -> Authenticator | None:
    """One's own passkey; somebody else's does not exist here."""
    return next((row for row in select_passkeys(user) if row.data["ref"] == ref.hex), None)
