"""What a person does to his own account."""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest

from accounts.entry import sessions
from accounts.entry.flows.recovery import set_password
from accounts.models import User
from mgestion.journal import flows as journal
from mgestion.journal.actors import Actor


@transaction.atomic
def change_password(request: HttpRequest, user: User, *, password_hash: str, now: datetime) -> None:
    """Every other session ends; this one goes on under a new id (S20)."""
    key = request.session.session_key or ""
    set_password(
        user, password_hash=password_hash, reason="own", actor=Actor.person(user), now=now, keep=key
    )
    sessions.carry_over(request, user)


@transaction.atomic
def log_out_everywhere(user: User, *, now: datetime) -> int:
    """Ends every session of the person. Returns how many were open."""
    ended = sessions.end_all(user, reason="everywhere", now=now)
    journal.record(
        "sessions.ended",
        actor=Actor.person(user),
        object_type="account",
        object_id=str(user.public_id),
        person=user.public_id,
        reason="own",
        now=now,
    )
    return ended
