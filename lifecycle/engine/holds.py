"""Leaving an account, or all of them, alone; giving back the days an outage took (D27, D51)."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.people.models import User
from lifecycle.acts import LifecycleAct
from lifecycle.engine import deadlines, settle
from lifecycle.engine.batches import RunReport
from lifecycle.enums import HoldReason, LedgerLine
from lifecycle.ledger import entries
from lifecycle.models import Hold, LifecycleCase
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.models import MailStatus

MAX_EXTENSION_DAYS = 366  # that an outage may give back at once


@transaction.atomic
def place_hold(user: User | None, *, reason: str, actor: Actor, now: datetime) -> Hold:
    """No step touches this account (all accounts when None), and its deadline does not expire: the
    return stays possible (D51). Raises WrongState when it is on hold already, or deleted.
    """
    if user is not None and not User.objects.select_for_update().filter(pk=user.pk).first():
        raise WrongState("deleted", "Ce compte n’existe plus.")
    placed = Hold(
        user=user,
        everything=user is None,
        reason=HoldReason(reason),
        placed_at=now,
        placed_by=actor.account_id,
    )
    try:
        with transaction.atomic():
            placed.save(force_insert=True)
    except IntegrityError as error:  # of two at once the constraint lets one in
        raise WrongState("held", "La procédure est déjà retenue.") from error
    deadlines.withdraw_deadlines(user)
    _record_hold_act(user, LedgerLine.HELD, LifecycleAct.LIFECYCLE_HELD, reason, actor, now)
    return placed


@transaction.atomic
def release_hold(user: User | None, *, actor: Actor, now: datetime) -> Hold:
    """The procedure goes on with the days that were left: each deadline moves by the Paris days on
    hold, once where the account and all accounts were held at the same time. A mail that never
    arrived is sent anew, unless the other hold goes on. Raises WrongState when nothing is on hold.
    """
    held = (
        Hold.objects.active().select_for_update().filter(user=user, everything=user is None).first()
    )
    if held is None:
        raise WrongState("not_held", "Aucune retenue n’est en cours.")
    held.released_at, held.released_by = now, actor.account_id
    held.save(update_fields=["released_at", "released_by"])
    others = _find_parallel_holds(held)
    for case in _lock_open_cases(user):
        its = [one for one in others if one.everything or one.user_id == case.user_id]
        if case.state in deadlines.BOUND_STATES and case.due_at is not None:
            kept = [one.placed_at for one in its]
            kept += [case.paused_since] if case.paused_since else []
            deadlines.give_days_back(case, held.placed_at, now, kept)
        elif its:
            continue
        elif case.mail is None or case.mail.status in (MailStatus.DEAD, MailStatus.DROPPED):
            settle.requeue_case_mail(case, RunReport(now=now, actor=actor.ref))
    deadlines.withdraw_deadlines(user)
    deadlines.publish_deadlines(now)
    _record_hold_act(
        user, LedgerLine.RELEASED, LifecycleAct.LIFECYCLE_RELEASED, held.reason, actor, now
    )
    return held


@transaction.atomic
def extend_deadlines(
    days: int,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    expect: Callable[[int], None] = lambda total: None,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Moves every bound deadline by `days` Paris days, after an outage of the portal (D20). Returns
    how many accounts got them. ValueError unless 1 ≤ days ≤ MOST_DAYS. `expect` is told how many
    there are, `progress` each one: none of them is written before the last one is.
    """
    if not 1 <= days <= MAX_EXTENSION_DAYS:
        raise ValueError(f"{days} days are not 1 to {MAX_EXTENSION_DAYS}")
    cases = list(
        deadlines.select_running_deadlines()
        .select_related("user")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    expect(len(cases))
    for case in cases:
        deadlines.shift_deadline(case, days)
        progress(1)
    deadlines.withdraw_deadlines(None)
    deadlines.publish_deadlines(now)
    entries.write_ledger_entries(
        entries.build_ledger_entry(
            case.user.public_id,
            LedgerLine.EXTENDED,
            now=now,
            cause=case.cause,
            anchor=case.anchor,
            last_day=deadlines.get_last_day(case),
            reason=reason[:60],
            case=case.pk,
            actor=actor.ref,
        )
        for case in cases
    )
    write_journal_entry(
        LifecycleAct.LIFECYCLE_EXTENDED,
        actor=actor,
        object_type="lifecycle",
        object_id=f"{days}",
        reason=reason[:60],
        now=now,
    )
    return len(cases)


def _find_parallel_holds(held: Hold) -> list[Hold]:
    """The holds of the other kind, all accounts' or one's own, that go on: the days that both
    lasted are theirs to give. Those of one kind never overlap one another.
    """
    others = Hold.objects.active().filter(everything=not held.everything)
    return list(others.only("user_id", "everything", "placed_at"))


def _lock_open_cases(user: User | None) -> list[LifecycleCase]:
    cases = LifecycleCase.objects.open().select_related("user", "mail")
    cases = cases.filter(user=user) if user is not None else cases
    return list(cases.select_for_update(of=("self",)).order_by("pk"))


def _record_hold_act(
    user: User | None, line: str, act: LifecycleAct, reason: str, actor: Actor, now: datetime
) -> None:
    write_journal_entry(
        act,
        actor=actor,
        object_type="account" if user else "lifecycle",
        object_id=str(user.public_id) if user else "all",
        person=user.public_id if user else None,
        reason=reason,
        now=now,
    )
    people: Iterable[User] = [user] if user else []
    entries.write_ledger_entries(
        entries.build_ledger_entry(person.public_id, line, now=now, reason=reason, actor=actor.ref)
        for person in people
    )
