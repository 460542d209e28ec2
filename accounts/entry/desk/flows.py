"""Staff acts on an account's access: end sessions, send links; staff never set a password."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.entry.acts import EntryAct
from accounts.entry.limits import rate_limits
from accounts.entry.models import FailureCounter
from accounts.entry.posted_requests import Kind, post_request
from accounts.entry.sessions import session_flows
from accounts.people import account_states
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_account_entry


@transaction.atomic
def end_sessions(user: User, *, actor: Actor, note: str, now: datetime) -> int:
    """Every session of the person ends, at the platforms too. Returns how many were open."""
    ended = session_flows.end_all_sessions(user, reason="staff", now=now)
    _journal_act(EntryAct.SESSIONS_ENDED, user, actor, note, now)
    return ended


@transaction.atomic
def send_reset(user: User, *, actor: Actor, note: str, now: datetime) -> None:
    """The person receives the link that « mot de passe oublié » sends. Raises Refused where it
    would not (D33).
    """
    if not account_states.may_receive_reset(user, now):
        raise Refused("closed", "Ce compte ne peut pas recevoir de lien dans son état actuel.")
    post_request(Kind.RESET, user.email, known=True, now=now)
    _journal_act(EntryAct.PASSWORD_RESET_SENT, user, actor, note, now)


@transaction.atomic
def send_unlock(user: User, *, actor: Actor, note: str, now: datetime) -> int:
    """The unlock mail again, for each locked counter of the person (D57). Returns how many."""
    counters = select_locked_counters(user)
    if not counters or not account_states.check_sign_in(user, now).allowed:
        raise Refused("not_locked", "Aucune connexion de ce compte n’est verrouillée.")
    for counter in counters:
        post_request(Kind.UNLOCK, user.email, counter=counter.key, now=now)
    _journal_act(EntryAct.LOGIN_UNLOCK_SENT, user, actor, note, now)
    return len(counters)


def select_locked_counters(user: User) -> list[FailureCounter]:
    """The counters of this person that only a mail opens."""
    return list(
        FailureCounter.objects.filter(
            key__startswith=f"{rate_limits.hash_address(user.email)}:",
            failures__gte=settings.LOGIN_MAX_FAILURES,
        )
    )


def _journal_act(act: EntryAct, user: User, actor: Actor, note: str, now: datetime) -> None:
    write_account_entry(act, user.public_id, actor=actor, detail={"note": note}, now=now)
