"""The verbs by which an account leaves and comes back: **how**; lifecycle says when.

Each one is a conditional statement on the account's own row, so that of two acts at once one wins
and the other is told what stands now. `revivable_until` stays empty until the mail that announces
the deletion is accepted by the mail server: lifecycle binds it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from accounts.acts import AccountAct
from accounts.leaving.block_list import hash_address_forms
from accounts.people import administrators
from accounts.people.account_states import TRANSITIONS
from accounts.people.enums import DeactivationReason, Status
from accounts.people.models import BlockedPerson, User
from accounts.people.notifications import notify_standing_change
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_account_entries, write_account_entry
from mgestion.outbox.flows import queue_mail

ADMIN_DEACTIVATED = "accounts.admin_deactivated"
CLOSING = "accounts.closing"
SUSPENDED = "accounts.suspended"
SUSPENSION_LIFTED = "accounts.suspension_lifted"
_LEAVING = (Status.DEACTIVATED_INACTIVE, Status.DEACTIVATED_BY_ADMIN, Status.CLOSING)


def get_mail_cycle(status_since: datetime) -> str:
    """The cycle of the mail that announces what happened at `status_since`: one mail per act."""
    return f"{status_since.astimezone(UTC):%Y%m%dT%H%M%S%f}"


@transaction.atomic
def deactivate_account(
    user: User, *, actor: Actor, reason: str, note: str = "", where: str = "", now: datetime
) -> User:
    """`active` → `deactivated_by_admin`; the one mail of R87 and R93 (D32), with the reason and the
    establishment `where` it was decided ("" for OPCO Mobilités).

    Whether an administrator may act on this person is the caller's question (D31); that nobody acts
    on their own account, nor an administrator of an establishment on an agent, is said here. Ends
    every session. Raises Refused, WrongState.
    """
    reason = DeactivationReason(reason)
    current = _lock_leaving_account(user)
    _refuse_own_account(current, actor)
    if actor.kind == "person" and (current.is_staff or current.is_superuser):
        raise Refused("staff_account", "Le compte d’un agent OPCO se gère chez OPCO Mobilités.")
    administrators.refuse_last_administrator([current.pk])
    _shut_account(current, Status.DEACTIVATED_BY_ADMIN, (Status.ACTIVE,), now)
    _queue_account_mail(ADMIN_DEACTIVATED, current, now, reason=reason.value, where=where)
    return _write_departure_entry(user, AccountAct.ACCOUNT_DEACTIVATED, actor, reason, note, now)


@transaction.atomic
def reactivate_account(
    user: User, *, actor: Actor, reason: str = "", note: str = "", now: datetime
) -> User:
    """Any leaving status → `active`, until day 15 inclusive; the 24 months start again (D25).

    An administrator of an establishment brings back only what one deactivated; after inactivity the
    person logs in, or an agent acts (D26); a closure is the person's own or an agent's. Raises
    WrongState, also once the delay has run out.
    """
    current = _lock_account(user)
    _refuse_own_account(current, actor)
    allowed = _LEAVING if actor.kind in ("staff", "system") else (Status.DEACTIVATED_BY_ADMIN,)
    if current.status in _LEAVING and current.status not in allowed:
        raise Refused(
            "staff_only",
            "Ce compte n’a pas été désactivé par un administrateur\u00a0: seule la personne, en se "
            "connectant, ou OPCO Mobilités peut le réactiver.",
        )
    _reactivate(current, allowed, now)
    return _write_departure_entry(user, AccountAct.ACCOUNT_REACTIVATED, actor, reason, note, now)


@transaction.atomic
def suspend_account(
    user: User, *, actor: Actor, reason: str, note: str = "", block: bool = False, now: datetime
) -> User:
    """→ `suspended`: no login, no deletion clock (D30, R81). `block`: no new sign-up either (R82).

    Suspending an account on its way out cancels its deletion. The person is told, with the motive
    and not the note. Raises Refused, WrongState.
    """
    reason = DeactivationReason(reason)
    current = _lock_leaving_account(user)
    _refuse_own_account(current, actor)
    administrators.refuse_last_administrator([current.pk])
    suspendable = tuple(frm for frm, to in TRANSITIONS.items() if Status.SUSPENDED in to)
    _shut_account(current, Status.SUSPENDED, suspendable, now)
    if block:
        by = actor.ref if actor.kind == "staff" else None
        BlockedPerson.objects.get_or_create(
            digest=hash_address_forms(current.email)[0],
            defaults={"reason": reason, "blocked_at": now, "blocked_by": by},
        )
    _queue_account_mail(SUSPENDED, current, now, reason=reason.value)
    return _write_departure_entry(user, AccountAct.ACCOUNT_SUSPENDED, actor, reason, note, now)


@transaction.atomic
def lift_suspension(user: User, *, actor: Actor, note: str = "", now: datetime) -> User:
    """`suspended` → `active`, the clock restarted, the address let in again."""
    current = _lock_account(user)
    _refuse_own_account(current, actor)
    _reopen_account(current, (Status.SUSPENDED,), now)
    BlockedPerson.objects.filter(digest__in=hash_address_forms(current.email)).delete()
    _queue_account_mail(SUSPENSION_LIFTED, current, now)
    return _write_departure_entry(user, AccountAct.ACCOUNT_SUSPENSION_LIFTED, actor, "", note, now)


@transaction.atomic
def close_account(
    user: User, *, actor: Actor, reason: str = "", note: str = "", now: datetime
) -> User:
    """`active` → `closing`, asked by the person or done by an agent for her (D50, R79);
    acknowledged by a mail. `reason`: how it was asked, a code. Ends every session. Raises Refused,
    WrongState.
    """
    current = _lock_leaving_account(user)
    administrators.refuse_last_administrator([current.pk])
    _shut_account(current, Status.CLOSING, (Status.ACTIVE,), now)
    _queue_account_mail(CLOSING, current, now)
    return _write_departure_entry(user, AccountAct.ACCOUNT_CLOSING, actor, reason, note, now)


@transaction.atomic
def cancel_closure(user: User, *, actor: Actor, now: datetime) -> User:
    """`closing` → `active`, by the person or an agent, until day 15 inclusive."""
    current = _lock_account(user)
    _reactivate(current, (Status.CLOSING,), now)
    return _write_departure_entry(user, AccountAct.ACCOUNT_CLOSURE_CANCELLED, actor, "", "", now)


def deactivate_idle_accounts(user_ids: Sequence[int], *, actor: Actor, now: datetime) -> None:
    """`active` → `deactivated_inactive` for accounts that the caller has claimed (D17), by set.

    Raises WrongState, and changes nothing, when one of them is no longer active.
    """
    with transaction.atomic():
        changed = User.objects.filter(pk__in=user_ids, status=Status.ACTIVE).update(
            status=Status.DEACTIVATED_INACTIVE,
            status_since=now,
            revivable_until=None,
            session_epoch=F("session_epoch") + 1,
        )
        if changed != len(user_ids):
            raise WrongState("not_active", "Un de ces comptes n’est plus actif.")
        people = User.objects.filter(pk__in=user_ids).values_list("public_id", flat=True)
        act = AccountAct.ACCOUNT_DEACTIVATED
        write_account_entries(act, people, actor=actor, reason="inactivity", now=now)
        notify_standing_change(user_ids, False, now=now)


def _reactivate(current: User, frm: Sequence[Status], now: datetime) -> None:
    if current.status in frm and current.revivable_until and current.revivable_until <= now:
        raise WrongState(
            "too_late", "Le délai de 15\u00a0jours est écoulé\u00a0: ce compte va être supprimé."
        )
    _reopen_account(current, frm, now)


def _lock_account(user: User) -> User:
    """The account as it stands, its row locked. WrongState when it has just been deleted."""
    current = User.objects.select_for_update().filter(pk=user.pk).first()
    if current is None:
        raise WrongState("deleted", "Ce compte n’existe plus.")
    return current


def _lock_leaving_account(user: User) -> User:
    """As `_lock_account`; for an agent, every administrator's row too, so that of two who leave at
    once the second one is refused as the last. Raises WrongState.
    """
    if not (user.is_staff or user.is_superuser):
        current = _lock_account(user)
        if not (current.is_staff or current.is_superuser):
            return current
    administrators.lock_administrators([user.pk])
    return _lock_account(user)


def _shut_account(current: User, to: Status, frm: Sequence[Status], now: datetime) -> None:
    """Ends every session."""
    _change_status(current, to, frm, now, session_epoch=F("session_epoch") + 1)


def _reopen_account(current: User, frm: Sequence[Status], now: datetime) -> None:
    later = Greatest(F("clock_from"), now)  # L5, also when our clock went back
    _change_status(current, Status.ACTIVE, frm, now, clock_from=later)


def _change_status(
    current: User, to: Status, frm: Sequence[Status], now: datetime, **values: Any
) -> None:
    still = Q(revivable_until__isnull=True) | Q(revivable_until__gt=now)
    rows = User.objects.filter(pk=current.pk, status__in=frm)
    if to == Status.ACTIVE:
        rows = rows.filter(still)
    if not rows.update(status=to, status_since=now, revivable_until=None, **values):
        raise WrongState(
            "wrong_status",
            f"Ce compte est maintenant «\u00a0{Status(current.status).label}\u00a0»\u00a0: "
            "l’action n’est plus possible.",
        )
    if Status.ACTIVE in (to, current.status):  # between two ways of being closed, nothing changes
        notify_standing_change([current.pk], to == Status.ACTIVE, now=now)


def _refuse_own_account(current: User, actor: Actor) -> None:
    if actor.kind in ("person", "staff") and actor.ref == str(current.public_id):
        raise Refused("oneself", "Vous ne pouvez pas faire cela sur votre propre compte.")


def _queue_account_mail(kind: str, current: User, now: datetime, **said: str) -> None:
    person, cycle = current.public_id, get_mail_cycle(now)
    queue_mail(kind, person=person, cycle=cycle, data=said, now=now)


def _write_departure_entry(
    given: User, act: AccountAct, actor: Actor, reason: str, note: str, now: datetime
) -> User:
    """The line of the journal; then the caller's object says what the database says."""
    detail = {"note": note} if note else None
    write_account_entry(act, given.public_id, actor=actor, reason=reason, detail=detail, now=now)
    given.refresh_from_db()
    return given
