"""« Signaler une perte ou un vol d’identifiants » (R105, R106, D63).

The page is public and tells nothing: it writes the same row as « mot de passe oublié », for any
address. Only the mailed link acts. It needs no row of its own: it is the person and the time,
signed over the password and the epoch of the sessions; acting changes both, so that the link works
once.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.signing import BadSignature, Signer
from django.db import transaction

from accounts.entry import mailed_links
from accounts.entry.acts import EntryAct
from accounts.entry.limits import mail_ceilings
from accounts.entry.models import EntryLink, PostedRequest
from accounts.entry.second_factor import flows as second_factor_flows
from accounts.entry.second_factor import passkeys
from accounts.entry.sessions import session_flows
from accounts.people import account_states
from accounts.people.models import User
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox import flows as outbox
from mgestion.outbox.models import Mail

LINK_MAIL: Final = "entry.loss_link"
STAFF_MAIL: Final = "entry.loss_reported"
GONE: Final = "Ce lien ne peut plus servir\u00a0: demandez-en un nouveau."


@dataclass(frozen=True, slots=True)
class Report:
    """A link as read: whose, and the epoch in which it was sent."""

    user: User
    epoch: int


def send_link(user: User, row: PostedRequest, now: datetime) -> str:
    """The mail with the link, within the cool-down and the cap (D16). Returns the outcome."""
    User.objects.select_for_update().get(pk=user.pk)  # two workers, two rows of one person
    most, period = settings.LINK_CAP
    recent = list(
        Mail.objects.filter(
            kind=LINK_MAIL, person=user.public_id, created_at__gt=now - period
        ).values_list("created_at", "data")
    )
    # A link that was used, or overtaken by a new password, is no reason to wait.
    if any(
        at > now - settings.LINK_COOLDOWN and data.get("epoch") == user.session_epoch
        for at, data in recent
    ):
        return "cooldown"
    if len(recent) >= most:
        return "capped"
    if not row.known and mail_ceilings.is_full(user.email, owned=True, now=now):
        return mail_ceilings.REFUSED
    outbox.queue(
        LINK_MAIL,
        subject=row.id,
        person=user.public_id,
        data={"epoch": user.session_epoch},
        now=now,
    )
    return "mailed"


def _signer(user: User) -> Signer:
    # Covers the password and the epoch of the sessions: whatever changes one of them ends the link.
    return Signer(sep=".", salt=f"entry.loss.{user.get_session_auth_hash()}")


def key_for(user: User, now: datetime) -> str:
    """What the mail's link holds: good for RESET_LINK_LIFE, until it is used or the password is
    changed.
    """
    return _signer(user).sign(f"{user.public_id.hex}-{int(now.timestamp())}")


def read(key: str, now: datetime) -> Report | None:
    """None for a forged, expired or used link, and for an account that is closed (D33)."""
    try:
        person, at = key.partition(".")[0].split("-")
        sent = datetime.fromtimestamp(int(at), tz=UTC)
        user = User.objects.filter(public_id=uuid.UUID(person)).first()
        if user is None:
            return None
        _signer(user).unsign(key)
    except (BadSignature, ValueError, OverflowError, OSError):
        return None
    if not timedelta(0) <= now - sent < settings.RESET_LINK_LIFE:
        return None
    return Report(user, user.session_epoch) if account_states.may_receive_reset(user, now) else None


@transaction.atomic
def report(found: Report, *, now: datetime) -> EntryLink:
    """Ends every session, makes the password useless and passkeys insufficient by themselves, sets
    young factors aside, tells staff; returns the link to a new password.

    Raises WrongState when the link was used meanwhile.
    """
    user = User.objects.select_for_update().get(pk=found.user.pk)
    if user.session_epoch != found.epoch or not account_states.may_receive_reset(user, now):
        raise WrongState("link_gone", GONE)
    user.password = make_password(None)
    user.save(update_fields=["password"])
    passkeys.need_the_password(user)
    second_factor_flows.put_aside(user, now=now)
    session_flows.end_all(user, reason="loss", now=now)
    mailed_links.kill(user, now=now)
    entry = write_journal_entry(
        EntryAct.ACCOUNT_LOSS_REPORTED,
        actor=Actor.person(user),
        object_type="account",
        object_id=str(user.public_id),
        person=user.public_id,
        now=now,
    )
    outbox.queue(
        STAFF_MAIL,
        subject=user.public_id,
        cycle=str(entry.pk),
        person=user.public_id,
        data={"at": now.isoformat()},
        now=now,
    )
    return mailed_links.issue(user, mailed_links.Purpose.RESET, now=now)
