"""Holds on an account or on all accounts, and extension of deadlines after an outage."""

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

MAX_EXTENSION_DAYS = 366


@transaction.atomic
def place_hold(user: User | None, *, reason: str, actor: Actor, now: datetime) -> Hold:
    """Stops every step and deadline of this account, or of all accounts when `user` is None; the
    return stays possible. Raises WrongState when it is on hold already, or deleted.
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
    except IntegrityError as error:  # two calls at once: the unique constraint accepts one
        raise WrongState("held", "La procédure est déjà retenue.") from error
    deadlines.withdraw_deadlines(user)
    _record_hold_act(user, LedgerLine.HELD, LifecycleAct.LIFECYCLE_HELD, reason, actor, now)
    return placed


@transaction.atomic
def release_hold(user: User | None, *, actor: Actor, now: datetime) -> Hold:
    """Ends the hold: each deadline moves by the Paris days on hold; days also covered by a hold of
    the other kind (account or all accounts) count once. An undelivered mail is queued again, unless
    the other hold goes on. Raises WrongState when there is no hold.
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
    """Moves every deadline by `days` Paris days, after an outage of the portal, in one
    transaction. Returns the number of accounts. ValueError unless 1 ≤ days ≤ MAX_EXTENSION_DAYS.
    `expect` receives the total, `progress` 1 for each.
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
        entries.build_case_entry(
            case,
            LedgerLine.EXTENDED,
            now=now,
            last_day=deadlines.get_last_day(case),
            reason=reason[:60],
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
    """Open holds of the other kind (account or all accounts): they give back the days that both
    covered. Holds of one kind never overlap.
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
