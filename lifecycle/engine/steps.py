"""The steps themselves: notice, deactivation, deletion; sign-ups left behind; idle agents.

Each is claimed by one statement that holds its whole eligibility (`lifecycle.rules.querysets`)
and asks the policy once more for each account before it acts.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import TruncDate

from accounts.entry import mailed_links
from accounts.entry.models import EntryLink
from accounts.leaving import account_departures, account_erasure
from accounts.people import administrators
from accounts.people.enums import DeactivationReason, Status
from accounts.people.models import User
from lifecycle.emails import CLOSED, INACTIVITY_DEACTIVATED, INACTIVITY_NOTICE, SIGN_UP_REMINDER
from lifecycle.engine.batches import Report, in_batches
from lifecycle.enums import CaseState, Cause, Line, Step
from lifecycle.ledger import entries
from lifecycle.models import LedgerEntry, LifecycleCase, Reminder
from lifecycle.rules import config, querysets
from lifecycle.rules.facts import gather
from lifecycle.rules.policy import Facts, next_step
from mgestion.database.bulk import insert_many
from mgestion.journal.actors import Actor
from mgestion.outbox.bulk import Letter, queue_first, queue_many
from mgestion.outbox.models import Mail
from mgestion.text.dates import PARIS, end_of_paris_day, paris_date, start_of_paris_day

_USER_AND_CASE = ("self", "user")


def take(step: Step, report: Report) -> int:
    """Does `step` for the accounts for which it is due, up to the cap."""
    return _STEPS[step](report)


def due(step: Step, report: Report) -> QuerySet[User] | QuerySet[LifecycleCase]:
    """What `take` would claim."""
    now, rules = report.now, config.rules()
    match step:
        case Step.NOTICE:
            return querysets.notice_due(paris_date(now), rules, unheard=report.unheard)
        case Step.DEACTIVATE:
            return querysets.deactivation_due(now, unheard=report.unheard)
        case Step.DELETE:
            return querysets.deletion_due(now, spare_idle=report.spare_idle, unheard=report.unheard)
        case Step.REMIND:
            return querysets.reminder_due(now, rules)
        case Step.PURGE:
            return querysets.purge_due(now, rules)
        case Step.DISABLE:
            return querysets.disable_due(now, rules)


def _agreed(users: Sequence[User], step: Step, report: Report) -> set[int]:
    """Those for whom the policy says the same as the claim; a disagreement is counted and shown."""
    if not users:
        return set()
    facts = gather(users, report.now)
    rules = config.rules()
    agreed = set()
    for user in users:
        coming = next_step(facts[user.pk], report.now, rules)
        if coming.step == step and coming.due:
            agreed.add(user.pk)
        else:
            report.counts["disagreed"] += 1
    return agreed


# --- notice ------------------------------------------------------------------------------------


class _Idle(Protocol):
    """What a notice reads of an account: a row of `_notify`, no object of the model."""

    @property
    def pk(self) -> int: ...
    @property
    def public_id(self) -> UUID: ...
    @property
    def anchor(self) -> date: ...
    @property
    def is_staff(self) -> bool: ...
    @property
    def is_superuser(self) -> bool: ...


def _notify(report: Report) -> int:
    rules, today = config.rules(), paris_date(report.now)
    reached: list[datetime] = []

    def due_next() -> QuerySet[User, _Idle]:
        # As the index has them, so that a batch reads no further than it takes. Those before are
        # under notice by now: each batch begins where the last one ended.
        people = querysets.notice_due(today, rules, unheard=report.unheard).order_by("clock_from")
        people = people.filter(clock_from__gte=reached[-1]) if reached else people
        return people.annotate(anchor=TruncDate("clock_from", tzinfo=PARIS)).values_list(
            "pk", "public_id", "anchor", "is_staff", "is_superuser", named=True
        )

    def act(rows: list[_Idle], report: Report) -> int:
        acted = _notify_batch(rows, report)
        last = User.objects.values_list("clock_from", flat=True).get(pk=rows[-1].pk)
        # A batch that fails, even at its commit, is redone from where it began.
        transaction.on_commit(lambda: reached.append(last))
        return acted

    return in_batches(
        Step.NOTICE, due_next, act, report, lock=(), public_id=lambda user: user.public_id
    )


def _notify_batch(rows: list[_Idle], report: Report) -> int:
    """State, mail and ledger line in one transaction (R95), a statement each; the deadline comes
    with acceptance.
    """
    days = _notice_days({row.anchor for row in rows}, report.now)
    staff = [row.pk for row in rows if row.is_staff or row.is_superuser]
    agents = list(User.objects.filter(pk__in=staff)) if staff else []
    denied = set(staff) - _agreed(agents, Step.NOTICE, report)
    warned = [row for row in rows if row.anchor in days and row.pk not in denied]
    report.counts["disagreed"] += sum(row.anchor not in days for row in rows)
    cases = [str(uuid4()) for _ in warned]
    people = [row.public_id for row in warned]
    mails = queue_first(INACTIVITY_NOTICE, cases, people, now=report.now)
    # Rows were locked after the claim had read the rest: the statement that writes asks once more.
    # Two workers may both have read an account: the constraint lets one case in.
    eligible = querysets.notice_due(paris_date(report.now), config.rules(), unheard=report.unheard)
    eligible = eligible.filter(~querysets.hold_on_all())
    written = insert_many(
        LifecycleCase,
        {
            "id": cases,
            "user_id": [row.pk for row in warned],
            "anchor": [row.anchor for row in warned],
            "anchor_ends": [days[row.anchor] for row in warned],
            "mail_id": mails,
        },
        {
            "cause": Cause.INACTIVITY,
            "state": CaseState.NOTICE_QUEUED,
            "opened_at": report.now,
            "mails": 1,
        },
        among=("user_id", eligible.values("pk")),
    )
    told = list(zip(cases, mails, warned, strict=True))
    if len(written) < len(warned):
        kept = {str(case) for case in written}
        Mail.objects.filter(pk__in=[mail for case, mail, _ in told if case not in kept]).delete()
        told = [entry for entry in told if entry[0] in kept]
    insert_many(
        LedgerEntry,
        {
            "reference": [entries.reference(row.public_id) for _, _, row in told],
            "anchor": [row.anchor for _, _, row in told],
            "case_id": [case for case, _, _ in told],
            "mail_id": [mail for _, mail, _ in told],
        },
        {
            "at": report.now,
            "line": Line.NOTICE_QUEUED,
            "cause": Cause.INACTIVITY,
            "run_id": report.run,
        },
        strict=True,
    )
    return len(told)


def _notice_days(anchors: Iterable[date], now: datetime) -> dict[date, datetime]:
    """Those of `anchors` on which the policy gives a notice, each with its 24:00. Of an active
    account that nothing keeps it reads the day only, so that it is asked once a day.
    """
    rules = config.rules()
    days = {}
    for anchor in anchors:
        moment = start_of_paris_day(anchor)
        coming = next_step(Facts(Status.ACTIVE, moment, moment), now, rules)
        if coming.step == Step.NOTICE and coming.due:
            days[anchor] = end_of_paris_day(anchor)
    return days


# --- deactivation ------------------------------------------------------------------------------


def _deactivate(report: Report) -> int:
    return in_batches(
        Step.DEACTIVATE,
        lambda: querysets.deactivation_due(report.now, unheard=report.unheard).select_related(
            "user"
        ),
        _deactivate_batch,
        report,
        lock=_USER_AND_CASE,
        public_id=lambda case: case.user.public_id,
    )


def _deactivate_batch(rows: list[LifecycleCase], report: Report) -> int:
    """`active` → `deactivated_inactive`, every session ended, the second mail queued (R97, R98)."""
    users = [case.user for case in rows]
    agreed = _agreed(users, Step.DEACTIVATE, report) - _spared(users)
    cases = [case for case in rows if case.user_id in agreed]
    if not cases:
        return 0
    account_departures.deactivate_idle(
        [case.user_id for case in cases], actor=Actor.system("lifecycle"), now=report.now
    )
    mails = queue_many(
        INACTIVITY_DEACTIVATED,
        [Letter(subject=case.pk, person=case.user.public_id) for case in cases],
        now=report.now,
    )
    for case in cases:
        case.state = CaseState.DEACTIVATED
        case.deactivated_at = report.now
        case.due_at = None
        case.mail_id = mails[case.pk]
        case.mails = 1
    LifecycleCase.objects.bulk_update(cases, ["state", "deactivated_at", "due_at", "mail", "mails"])
    entries.write(_line(case, Line.DEACTIVATED, report, mail=True) for case in cases)
    return len(cases)


def _spared(users: Sequence[User]) -> set[int]:
    """When a batch holds all the national administrators that are left, the last one seen is spared
    (D24).
    """
    agents = {user.pk: user for user in users if user.is_staff or user.is_superuser}
    if not agents:
        return set()
    # Locked, so that two workers with one of them each cannot both act.
    standing = set(
        administrators.able().select_for_update().order_by("pk").values_list("pk", flat=True)
    )
    ours = {pk: user for pk, user in agents.items() if pk in standing}
    if standing - set(ours) or not ours:
        return set()
    return {max(ours.values(), key=lambda user: (user.clock_from, user.pk)).pk}


# --- deletion ----------------------------------------------------------------------------------


def _delete(report: Report) -> int:
    return in_batches(
        Step.DELETE,
        lambda: querysets.deletion_due(
            report.now, spare_idle=report.spare_idle, unheard=report.unheard
        ).select_related("user"),
        _delete_batch,
        report,
        lock=_USER_AND_CASE,
        public_id=lambda case: case.user.public_id,
    )


def _delete_batch(rows: list[LifecycleCase], report: Report) -> int:
    """Every trace goes by the one implementation (S27, R103); the ledger's line stays."""
    users = [case.user for case in rows]
    agreed = _agreed(users, Step.DELETE, report) - _spared(users)
    cases = [case for case in rows if case.user_id in agreed]
    if not cases:
        return 0
    entries.write(_line(case, Line.DELETED, report, last_day=True) for case in cases)
    farewells = [
        Letter(subject=case.pk, data={"to": case.user.email})
        for case in cases
        if case.cause == Cause.CLOSURE
    ]
    if farewells:
        queue_many(CLOSED, farewells, now=report.now)
    for cause in {case.cause for case in cases}:
        account_erasure.erase(
            [case.user_id for case in cases if case.cause == cause], cause=cause, now=report.now
        )
    return len(cases)


def _line(
    case: LifecycleCase, line: str, report: Report, *, mail: bool = False, last_day: bool = False
) -> LedgerEntry:
    return entries.entry(
        case.user.public_id,
        line,
        now=report.now,
        cause=case.cause,
        anchor=case.anchor,
        last_day=case.deletion_last_day if last_day else None,
        case=case.pk,
        mail=case.mail_id if mail else None,
        run=report.run,
    )


# --- sign-ups left behind (D40) ----------------------------------------------------------------


def _remind(report: Report) -> int:
    rules = config.rules()
    return in_batches(
        Step.REMIND,
        lambda: querysets.reminder_due(report.now, rules),
        _remind_batch,
        report,
        public_id=lambda user: user.public_id,
    )


def _remind_batch(rows: list[User], report: Report) -> int:
    """One reminder, with a link of its own: the first one has run out by then."""
    agreed = _agreed(rows, Step.REMIND, report)
    users = [user for user in rows if user.pk in agreed]
    reminders = [Reminder(user=user, queued_at=report.now) for user in users]
    Reminder.objects.bulk_create(reminders, ignore_conflicts=True)
    letters = []
    for user in users:
        link = mailed_links.issue(user, EntryLink.Purpose.SIGN_UP, now=report.now)
        letters.append(
            Letter(subject=user.public_id, person=user.public_id, data={"link": str(link.pk)})
        )
    queue_many(SIGN_UP_REMINDER, letters, now=report.now)
    return len(users)


def _purge(report: Report) -> int:
    rules = config.rules()
    return in_batches(
        Step.PURGE,
        lambda: querysets.purge_due(report.now, rules),
        _purge_batch,
        report,
        public_id=lambda user: user.public_id,
    )


def _purge_batch(rows: list[User], report: Report) -> int:
    agreed = _agreed(rows, Step.PURGE, report)
    if agreed:
        entries.write(
            entries.entry(
                user.public_id,
                Line.DELETED,
                now=report.now,
                anchor=paris_date(user.created_at),
                last_day=paris_date(user.created_at) + timedelta(days=config.rules().pending_days),
                reason="never_completed",
                run=report.run,
            )
            for user in rows
            if user.pk in agreed
        )
        account_erasure.erase(sorted(agreed), cause="never_completed", now=report.now)
    return len(agreed)


# --- idle agents (D61) -------------------------------------------------------------------------


def _disable(report: Report) -> int:
    rules = config.rules()
    return in_batches(
        Step.DISABLE,
        lambda: querysets.disable_due(report.now, rules),
        _disable_batch,
        report,
        public_id=lambda user: user.public_id,
    )


def _disable_batch(rows: list[User], report: Report) -> int:
    """Suspended, not deleted: a colleague lifts it. The last superuser stays (D24)."""
    agreed = _agreed(rows, Step.DISABLE, report) - _spared(rows)
    actor = Actor.system("lifecycle")
    for user in rows:
        if user.pk in agreed:
            account_departures.suspend(
                user, actor=actor, reason=DeactivationReason.IDLE, now=report.now
            )
    return len(agreed)


_STEPS: dict[Step, Callable[[Report], int]] = {
    Step.NOTICE: _notify,
    Step.DEACTIVATE: _deactivate,
    Step.DELETE: _delete,
    Step.REMIND: _remind,
    Step.PURGE: _purge,
    Step.DISABLE: _disable,
}
