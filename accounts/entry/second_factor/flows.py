"""Enrolling, using, losing a second factor. Each change is journaled and told by mail (S11, S18,
S19).
"""

from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.entry.acts import EntryAct
from accounts.entry.limits import rate_limits
from accounts.entry.login.flows import LoginCircumstances, journal_refusal
from accounts.entry.posted_requests import Kind, post_request
from accounts.entry.second_factor import factors, mailed_code_flows, set_aside
from accounts.entry.second_factor.passkeys import owned_passkeys
from accounts.entry.sessions import session_flows
from accounts.people.models import User
from accounts.people.notifications import tell_account_change
from mgestion.errors import Refused
from mgestion.journal.actors import Actor

WRONG: Final = (
    "Ce code est incorrect, ou il a déjà servi. Attendez que votre application en affiche un autre."
)
WRONG_RECOVERY: Final = "Ce code de secours est incorrect, ou il a déjà servi."
LOCKED: Final = (
    "Trop de codes incorrects de suite. Un e-mail vient de vous être envoyé pour continuer."
)
STAFF_KEEPS: Final = (
    "La double authentification est obligatoire pour les agents. Vous pouvez en changer, pas la "
    "retirer."
)
NOTHING_ASIDE: Final = "Aucune double authentification de ce compte n’est mise de côté."
MAIL: Final = "entry.factor_changed"


def verify_code(user: User, code: str, *, where: LoginCircumstances, now: datetime) -> str:
    """ "application" or "recovery": what `code` was. Raises Refused (delayed, locked, mismatch).

    Counted before it is looked at, like a password. To be called outside a transaction.
    """
    key = rate_limits.get_factor_key(user.email)
    attempt = rate_limits.reserve_attempt(key, now=now)
    if not attempt.allowed:
        if attempt.locked:
            raise Refused("locked", LOCKED)
        raise Refused("delayed", rate_limits.describe_wait(attempt.wait).capitalize())
    used = factors.use_code(user, code, now=now)
    if used:
        rate_limits.clear_counter(key)
        if used == "recovery":
            write_factor_change(user, EntryAct.FACTOR_RECOVERY_USED, Actor.person(user), now=now)
        return used
    journal_refusal(user, "second_factor", where=where, now=now)
    if attempt.last:
        post_request(Kind.UNLOCK, user.email, counter=key, target=where.target, now=now)
        raise Refused("locked", LOCKED)
    raise Refused("mismatch", WRONG if factors.has_application(user) else WRONG_RECOVERY)


@transaction.atomic
def enrol_application(
    user: User, secret: str, code: str, *, mailed: str, keep: str, now: datetime
) -> list[str]:
    """Make `secret` the person's application, proven by `code`; other sessions end, they knew
    nothing of it. Returns the recovery codes, to be shown once. Raises Refused.

    `mailed`: the id of the mailed code that a first factor needs; `keep`: the session key of
    who does it.
    """
    mailed_code_flows.require_mailed_code(user, mailed, now)
    step = factors.find_step_of_code(secret, code, now)
    if step is None:
        raise Refused("mismatch", "Ce code est incorrect. Vérifiez l’heure de votre téléphone.")
    replaced = factors.has_application(user)
    codes = factors.install_application(user, secret, step=step, now=now)
    session_flows.end_all_sessions(user, reason="factor", now=now, keep=keep)
    write_factor_change(
        user,
        EntryAct.FACTOR_REPLACED if replaced else EntryAct.FACTOR_ADDED,
        Actor.person(user),
        now=now,
    )
    return codes


@transaction.atomic
def renew_recovery_codes(user: User, *, keep: str, now: datetime) -> list[str]:
    """Ten new recovery codes, to be shown once; other sessions end, as the old codes do. Raises
    Refused without a factor. `keep`: the session key of who does it.
    """
    if not factors.has_factor(user):
        raise Refused("no_factor", "Configurez d’abord une application ou une clé d’accès.")
    codes = factors.replace_recovery_codes(user, now=now)
    session_flows.end_all_sessions(user, reason="factor", now=now, keep=keep)
    write_factor_change(user, EntryAct.FACTOR_CODES_RENEWED, Actor.person(user), now=now)
    return codes


@transaction.atomic
def remove_application(user: User, *, keep: str, now: datetime) -> None:
    """The person gives the application up; passkeys stay. Raises Refused for an agent who has
    nothing else: they change it in place.
    """
    User.objects.select_for_update().get(pk=user.pk)
    others = owned_passkeys.select_passkeys(user).exists()
    if user.is_staff and not others:
        raise Refused("staff", STAFF_KEEPS)
    if not factors.erase_application(user):
        raise Refused("no_factor", "Il n’y a pas de double authentification à retirer.")
    session_flows.end_all_sessions(user, reason="factor", now=now, keep=keep)
    write_factor_change(
        user,
        EntryAct.FACTOR_APPLICATION_REMOVED if others else EntryAct.FACTOR_REMOVED,
        Actor.person(user),
        now=now,
    )


@transaction.atomic
def reset_factors(user: User, *, actor: Actor, reason: str, now: datetime) -> None:
    """An agent takes a lost factor away, after checking who asks: `reason` says how. Every session
    ends; an agent enrols again at the next login (S19). Raises Refused.
    """
    _refuse_own_factor(user, actor)
    set_aside.erase_set_aside_factors(user)
    if not factors.erase_factors(user):
        raise Refused("no_factor", "Ce compte n’a pas de double authentification.")
    rate_limits.clear_counter(rate_limits.get_factor_key(user.email))
    session_flows.end_all_sessions(user, reason="factor", now=now)
    write_factor_change(user, EntryAct.FACTOR_RESET, actor, note=reason, now=now)


def set_aside_young_factors(user: User, *, now: datetime) -> None:
    """A loss was reported: factors that are young ask nothing until an agent has spoken."""
    if set_aside.set_aside_recent(user, now=now):
        write_factor_change(user, EntryAct.FACTOR_SET_ASIDE, Actor.person(user), now=now)


@transaction.atomic
def give_back_factors(user: User, *, actor: Actor, reason: str, now: datetime) -> None:
    """An agent gives back what a reported loss has set aside, after checking whose it is: `reason`
    says how. Every session ends, it knew nothing of them. Raises Refused.
    """
    _refuse_own_factor(user, actor)
    if not set_aside.restore_set_aside_factors(user):
        raise Refused("no_factor", NOTHING_ASIDE)
    session_flows.end_all_sessions(user, reason="factor", now=now)
    write_factor_change(user, EntryAct.FACTOR_GIVEN_BACK, actor, note=reason, now=now)


@transaction.atomic
def drop_set_aside_factors(user: User, *, actor: Actor, reason: str, now: datetime) -> None:
    """An agent has heard that they were a stranger's. Raises Refused."""
    _refuse_own_factor(user, actor)
    if not set_aside.erase_set_aside_factors(user):
        raise Refused("no_factor", NOTHING_ASIDE)
    write_factor_change(user, EntryAct.FACTOR_DROPPED, actor, note=reason, now=now)


def _refuse_own_factor(user: User, actor: Actor) -> None:
    if actor.ref == str(user.public_id):
        raise Refused("oneself", "Un autre administrateur national doit le faire pour vous.")


def write_factor_change(
    user: User, act: EntryAct, actor: Actor, *, note: str = "", now: datetime
) -> None:
    """The journal's line and the mail of a change (C7)."""
    with transaction.atomic():
        tell_account_change(
            act,
            MAIL,
            user,
            actor=actor,
            detail={"note": note} if note else None,
            said={"what": act.value.removeprefix("factor.")},
            now=now,
        )
