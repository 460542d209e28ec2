"""Links sent by mail: issued, read, used once.

The key in the mail is the row's id with a signature: whoever reads the database cannot forge one.
The signature of a reset link covers the password that it replaces: the link ends with
that password, whichever way it was changed. That of a loss link covers the epoch of the sessions
too. Every unexpired link of a person and purpose works
until one is used; using one uses them all. Reading a link changes nothing: mail scanners
follow them.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Exists, OuterRef

from accounts.entry.models import EntryLink
from accounts.people.models import User
from mgestion.journal.actors import Actor
from mgestion.outbox.bounces import flows as bounces

Purpose = EntryLink.Purpose


class LinkState(Enum):
    """What a key in an address is worth now."""

    VALID = "valid"
    EXPIRED = "expired"
    USED = "used"
    GONE = "gone"  # ours, and erased with its account or its age
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class FoundLink:
    """A key as read: `link` is None exactly when the key is forged or mangled (UNKNOWN), or its row
    is gone (GONE).
    """

    state: LinkState
    link: EntryLink | None = None


def get_link_life(purpose: str) -> timedelta:
    lives: dict[str, timedelta] = {
        Purpose.SIGN_UP: settings.SIGN_UP_LINK_LIFE,
        Purpose.FACTOR: settings.MAILED_CODE_LIFE,
    }
    return lives.get(purpose, settings.RESET_LINK_LIFE)


def _get_signer(purpose: str, user: User | None) -> Signer:
    # One salt per purpose: a reset link never opens the page of a sign-up.
    salt = f"entry.link.{purpose}"
    if purpose == Purpose.RESET and user is not None:
        salt = f"{salt}.{user.password}"
    if purpose == Purpose.LOSS and user is not None:
        salt = f"{salt}.{user.get_session_auth_hash()}"
    return Signer(sep=".", salt=salt)


def sign_link_key(link: EntryLink) -> str:
    """The key to put in a mail."""
    return _get_signer(link.purpose, link.user).sign(link.id.hex)


def find_link(key: str, purpose: str, now: datetime) -> FoundLink:
    """Read a key. Changes nothing."""
    try:
        link_id = uuid.UUID(key.partition(".")[0])
    except ValueError:
        return FoundLink(LinkState.UNKNOWN)
    link = EntryLink.objects.select_related("user").filter(pk=link_id, purpose=purpose).first()
    try:
        _get_signer(purpose, link.user if link else None).unsign(key)
    except BadSignature:
        return FoundLink(LinkState.UNKNOWN)
    if link is None:  # the signature is ours
        return FoundLink(LinkState.GONE)
    if link.used_at is not None:
        return FoundLink(LinkState.USED, link)
    return FoundLink(LinkState.VALID if now < link.expires_at else LinkState.EXPIRED, link)


def exists_living_link(user: str, now: datetime) -> Exists:
    """A sign-up link that still works, of the account in the column `user`."""
    return Exists(
        EntryLink.objects.filter(
            user=OuterRef(user),
            purpose=Purpose.SIGN_UP,
            used_at__isnull=True,
            expires_at__gt=now,
        )
    )


def issue_link(
    user: User,
    purpose: str,
    *,
    target: str = "",
    counter: str = "",
    address: str = "",
    now: datetime,
) -> EntryLink:
    """A new link; the older ones stay good."""
    return EntryLink.objects.create(
        user=user,
        purpose=purpose,
        target=target,
        counter=counter,
        address=address,
        created_at=now,
        expires_at=now + get_link_life(purpose),
    )


def restart_link(link: EntryLink, now: datetime) -> None:
    """The link lives its whole life from `now`, unless it was used meanwhile."""
    open_link = EntryLink.objects.filter(pk=link.pk, used_at__isnull=True)
    open_link.update(expires_at=now + get_link_life(link.purpose))


def consume_link(link: EntryLink, now: datetime) -> bool:
    """Use a link, and with it all of its person and purpose. False when somebody was faster.

    One conditional statement: of two posts at once, one wins.
    """
    won = EntryLink.objects.filter(pk=link.pk, used_at__isnull=True, expires_at__gt=now).update(
        used_at=now
    )
    if won:
        end_open_links(link.user, link.purpose, now=now)
        confirm_mailbox(link, now)
    return bool(won)


def confirm_mailbox(link: EntryLink, now: datetime) -> None:
    """Who uses a link has read the mailbox that it was sent to: it takes mail again. The link that
    proves a new address says nothing of the present one.
    """
    if link.purpose != Purpose.ADDRESS:
        person = link.user.public_id
        actor = Actor.person(link.user)
        bounces.confirm_address(person, mailed_at=link.created_at, actor=actor, now=now)


def end_open_links(user: User, *purposes: str, now: datetime) -> None:
    """Make every open link of these purposes useless; all purposes when none is named."""
    open_links = EntryLink.objects.filter(user=user, used_at__isnull=True)
    if purposes:
        open_links = open_links.filter(purpose__in=purposes)
    open_links.update(used_at=now)


def find_cooldown_reason(user: User, purpose: str, now: datetime, *, counter: str = "") -> str:
    """Why no further link is sent now: "cooldown", "capped", or "" (90 s; 5 in 15 min: D16).

    Only a link that still works is worth waiting for: one that was used, or that opens another
    counter, is no reason to send none.
    """
    most, period = settings.LINK_CAP
    recent = list(EntryLink.objects.filter(user=user, purpose=purpose, created_at__gt=now - period))
    if any(
        link.created_at > now - settings.LINK_COOLDOWN
        and link.used_at is None
        and link.counter == counter
        for link in recent
    ):
        return "cooldown"
    return "capped" if len(recent) >= most else ""
