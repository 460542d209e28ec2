"""What people do to their own account."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from accounts.entry.acts import EntryAct
from accounts.entry.recovery.flows import set_password
from accounts.entry.sessions import session_flows
from accounts.people.models import User
from accounts.people.notifications import notify_identity_change, tell_account_change
from accounts.profile.acts import ProfileAct
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_account_entry

IDENTITY_CHANGED: Final = "profile.identity_changed"


@transaction.atomic
def change_password(request: HttpRequest, user: User, *, password_hash: str, now: datetime) -> None:
    """Every other session ends; this one goes on under a new id."""
    key = request.session.session_key or ""
    set_password(
        user, password_hash=password_hash, reason="own", actor=Actor.person(user), now=now, keep=key
    )
    session_flows.carry_session_over(request, user)


_FIELDS = {"last_name": "nom", "first_name": "prénom", "phone": "téléphone"}


@transaction.atomic
def rectify_identity(
    user: User, *, said: Mapping[str, str], actor: Actor, now: datetime
) -> list[str]:
    """Correct names and telephone: old and new values go to the journal's erasable detail, a mail
    tells (R124). Returns which fields changed; nothing is written when none did.
    """
    current = User.objects.select_for_update().get(pk=user.pk)
    changed = [name for name in _FIELDS if getattr(current, name) != said[name]]
    if not changed:
        return []
    before = {name: getattr(current, name) for name in changed}
    after = {name: said[name] for name in changed}
    User.objects.filter(pk=user.pk).update(**after)
    user.refresh_from_db()
    notify_identity_change(user, changed, now=now)
    tell_account_change(
        ProfileAct.IDENTITY_RECTIFIED,
        IDENTITY_CHANGED,
        user,
        actor=actor,
        detail={"before": before, "after": after},
        said={"what": ", ".join(_FIELDS[name] for name in changed)},
        now=now,
    )
    return changed


@transaction.atomic
def log_out_one(user: User, record_id: UUID, *, now: datetime) -> bool:
    """Ends one of the person's sessions. False when there is nothing to end."""
    if not session_flows.end_one_session(user, record_id, reason="one", now=now):
        return False
    write_account_entry(
        ProfileAct.SESSION_ENDED, user.public_id, actor=Actor.person(user), reason="own", now=now
    )
    return True


@transaction.atomic
def log_out_everywhere(user: User, *, now: datetime) -> int:
    """Ends every session of the person. Returns how many were open."""
    ended = session_flows.end_all_sessions(user, reason="everywhere", now=now)
    write_account_entry(
        EntryAct.SESSIONS_ENDED, user.public_id, actor=Actor.person(user), reason="own", now=now
    )
    return ended
