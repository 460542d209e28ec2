"""A forgotten password and a locked door: asked by anybody, decided by the worker, done by a
POST."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.entry.acts import EntryAct
from accounts.entry.limits import rate_limits
from accounts.entry.links import mailed_links
from accounts.entry.links.link_mails import (
    send_loss_link,
    send_password_link,
    send_reset_link,
    send_unlock_link,
)
from accounts.entry.models import EntryLink, PostedRequest
from accounts.entry.posted_requests import Kind
from accounts.entry.second_factor.passkeys import owned_passkeys
from accounts.entry.sessions import session_flows
from accounts.people import account_states
from accounts.people.enums import Status
from accounts.people.models import User
from accounts.people.notifications import tell_account_change
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_account_entry

LINK_GONE = "Ce lien ne peut plus servir\u00a0: demandez-en un nouveau."


def decide_reset(row: PostedRequest, now: datetime) -> str:
    """Mail goes to the address as stored, never as typed (D58). Returns the outcome."""
    user = User.objects.filter(email_key=row.email_key).first()
    if user is None:
        return "unknown"
    if user.status == Status.PENDING:
        return send_password_link(user, target=row.target, now=now)
    if not account_states.may_receive_reset(user, now):
        return "closed"
    return send_reset_link(user, target=row.target, known=row.known, now=now)


def decide_loss(row: PostedRequest, now: datetime) -> str:
    """The link that reports a loss, for an account that may choose a new password (D63)."""
    user = User.objects.filter(email_key=row.email_key).first()
    if user is None or not account_states.may_receive_reset(user, now):
        return "unknown" if user is None else "closed"
    return send_loss_link(user, known=row.known, now=now)


def decide_unlock(row: PostedRequest, now: datetime) -> str:
    """The mail that opens a locked counter, where the account exists."""
    user = User.objects.filter(email_key=row.email_key).first()
    if user is None or not account_states.check_sign_in(user, now).allowed:
        return "unknown" if user is None else "closed"
    return send_unlock_link(user, counter=row.counter, target=row.target, now=now)


def is_link_usable(found: mailed_links.FoundLink, now: datetime) -> bool:
    """Whether the page of a reset or unlock link may offer anything: neutral for closed
    accounts."""
    return (
        found.state is mailed_links.LinkState.VALID
        and found.link is not None
        and account_states.may_receive_reset(found.link.user, now)
    )


@transaction.atomic
def reset_password(link: EntryLink, *, password_hash: str, now: datetime) -> User:
    """Use a reset link: new password, every session ended, every counter of the address opened (S4,
    S20).

    `password_hash` is made before, outside the transaction. Raises WrongState when the link was
    used meanwhile or the account was closed.
    """
    user = User.objects.select_for_update().get(pk=link.user_id)
    if not account_states.may_receive_reset(user, now) or not mailed_links.consume_link(link, now):
        raise WrongState("link_gone", LINK_GONE)
    set_password(
        user, password_hash=password_hash, reason="reset", actor=Actor.person(user), now=now
    )
    # A key that was added by who knew the former password must not open the account by itself.
    owned_passkeys.require_password_with_passkeys(user, since=now - settings.FACTOR_PROBATION)
    rate_limits.clear_address_counters(user.email)
    return user


@transaction.atomic
def set_password(
    user: User, *, password_hash: str, reason: str, actor: Actor, now: datetime, keep: str = ""
) -> None:
    """Give an account another password: other sessions and every link sent before end, the person
    is told by mail (S20, C7). A loss link and the proof of a closure end by themselves: they hold
    the password and the epoch that they were made in.

    `keep`: the session key of the person who does it, signed in.
    """
    User.objects.filter(pk=user.pk).update(password=password_hash)
    user.password = password_hash
    session_flows.end_all_sessions(user, reason="password", now=now, keep=keep)
    mailed_links.end_open_links(user, now=now)
    # Asked before, and not settled yet: its link would come after the password that it is about.
    waiting = PostedRequest.objects.filter(kind=Kind.RESET, settled_at__isnull=True)
    waiting.filter(email_key=user.email_key).update(settled_at=now, outcome="overtaken")
    tell_account_change(
        EntryAct.PASSWORD_CHANGED,
        "entry.password_changed",
        user,
        actor=actor,
        reason=reason,
        now=now,
    )


@transaction.atomic
def unlock_counter(link: EntryLink, *, now: datetime) -> User:
    """Use an unlock link: the one counter that it was made for starts again. Raises
    WrongState.
    """
    user = link.user
    if not account_states.check_sign_in(user, now).allowed or not mailed_links.consume_link(
        link, now
    ):
        raise WrongState("link_gone", LINK_GONE)
    rate_limits.clear_counter(link.counter)
    write_account_entry(EntryAct.LOGIN_UNLOCKED, user.public_id, actor=Actor.person(user), now=now)
    return user
