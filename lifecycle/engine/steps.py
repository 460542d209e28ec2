"""The steps of a run: notice, deactivation, deletion; unfinished sign-ups; inactive agents.

Each step claims its accounts by one statement with the whole eligibility
(`lifecycle.rules.querysets`) and checks the policy for each account before it acts.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import TruncDate

from accounts.entry.links import mailed_links
from accounts.entry.models import EntryLink
from accounts.leaving import account_departures, account_erasure
from accounts.people import administrators
from accounts.people.enums import DeactivationReason, Status
from accounts.people.models import User
from lifecycle.engine.batches import BatchAct, RunReport, build_run_entry, process_in_batches
from lifecycle.engine.eligible_cases import insert_eligible_cases
from lifecycle.engine.emails import (
    CLOSED,
    INACTIVITY_DEACTIVATED,
    INACTIVITY_NOTICE,
    SIGN_UP_REMINDER,
)
from lifecycle.enums import CaseCause, CaseState, LedgerLine, Step
from lifecycle.ledger import entries
from lifecycle.models import LifecycleCase, Reminder
from lifecycle.rules import config, querysets
from lifecycle.rules.facts import gather_facts
from lifecycle.rules.policy import AccountFacts, next_step
from mgestion.journal.actors import Actor
from mgestion.outbox.flows import NewMail, queue_first_mails, queue_mails
from mgestion.outbox.models import Mail
from mgestion.text.dates import PARIS, end_of_paris_day, paris_date, start_of_paris_day


def take_step(step: Step, report: RunReport) -> int:
    """Does `step` for the accounts due, up to the cap; returns their number."""
    if step == Step.NOTICE:
        return _send_notices(report)
    if step in (Step.DEACTIVATE, Step.DELETE):
        return process_in_batches(
            step,
            lambda: select_due_rows(step, report).select_related("user"),
            _BATCHES[step],
            report,
            lock=("self", "user"),
        )
    return process_in_batches(step, lambda: select_due_rows(step, report), _BATCHES[step], report)


def select_due_rows(step: Step, report: RunReport) -> QuerySet[Any]:
    """What `take_step` claims: accounts or cases."""
    now, rules = report.now, config.get_rules()
    match step:
        case Step.NOTICE:
            return querysets.select_notice_due(paris_date(now), rules, unheard=report.unheard)
        case Step.DEACTIVATE:
            return querysets.select_deactivation_due(now, unheard=report.unheard)
        case Step.DELETE:
            return querysets.select_deletion_due(
                now, spare_idle=report.spare_idle, unheard=report.unheard
            )
        case Step.REMIND:
            return querysets.select_reminder_due(now, rules)
        case Step.PURGE:
            return querysets.select_purge_due(now, rules)
        case Step.DISABLE:
            return querysets.select_disable_due(now, rules)


def _confirm_with_policy(users: Sequence[User], step: Step, report: RunReport) -> set[int]:
    """User pks for which the policy agrees with the claim; disagreements are counted and shown."""
    if not users:
        return set()
    facts = gather_facts(users, report.now)
    rules = config.get_rules()
    agreed = set()
    for user in users:
        coming = next_step(facts[user.pk], report.now, rules)
        if coming.step == step and coming.due:
            agreed.add(user.pk)
        else:
            report.counts["disagreed"] += 1
    return agreed


# --- notice ------------------------------------------------------------------------------------


class _IdleAccount(Protocol):
    """What a notice reads of an account: a row of `_send_notices`, no object of the model."""

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


def _send_notices(report: RunReport) -> int:
    rules, today = config.get_rules(), paris_date(report.now)
    reached: list[datetime] = []

    def due_next() -> QuerySet[User, _IdleAccount]:
        # In the order of the index, so that a batch reads only its own rows. Each batch starts
        # where the last one ended: the accounts before it are under notice by now.
        people = querysets.select_notice_due(today, rules, unheard=report.unheard).order_by(
            "clock_from"
        )
        people = people.filter(clock_from__gte=reached[-1]) if reached else people
        return people.annotate(anchor=TruncDate("clock_from", tzinfo=PARIS)).values_list(
            "pk", "public_id", "anchor", "is_staff", "is_superuser", named=True
        )

    def act(rows: list[_IdleAccount], report: RunReport) -> int:
        acted = _notify_batch(rows, report)
        last = User.objects.values_list("clock_from", flat=True).get(pk=rows[-1].pk)
        # A batch that fails, even at its commit, is redone from its start.
        transaction.on_commit(lambda: reached.append(last))
        return acted

    return process_in_batches(Step.NOTICE, due_next, act, report, lock=())


def _notify_batch(rows: list[_IdleAccount], report: RunReport) -> int:
    """Case, mail and ledger line in one transaction (R95). The deadline starts when the mail is
    accepted.
    """
    days = _notice_days({row.anchor for row in rows}, report.now)
    staff = [row.pk for row in rows if row.is_staff or row.is_superuser]
    agents = list(User.objects.filter(pk__in=staff)) if staff else []
    denied = set(staff) - _confirm_with_policy(agents, Step.NOTICE, report)
    warned = [row for row in rows if row.anchor in days and row.pk not in denied]
    report.counts["disagreed"] += sum(row.anchor not in days for row in rows)
    cases = {uuid4(): row for row in warned}
    letters = [NewMail(subject=pk, person=row.public_id) for pk, row in cases.items()]
    queued = queue_first_mails(INACTIVITY_NOTICE, letters, now=report.now)
    mails = dict(zip(cases, queued, strict=True))
    opened = [
        LifecycleCase(
            pk=pk,
            user_id=row.pk,
            cause=CaseCause.INACTIVITY,
            state=CaseState.NOTICE_QUEUED,
            anchor=row.anchor,
            anchor_ends=days[row.anchor],
            opened_at=report.now,
            mail_id=mails[pk],
            mails=1,
        )
        for pk, row in cases.items()
    ]
    # The claim read other tables before it locked the rows: the INSERT checks eligibility again.
    # Two workers may have read the same account: the unique constraint accepts one case.
    eligible = querysets.select_notice_due(
        paris_date(report.now), config.get_rules(), unheard=report.unheard
    )
    kept = insert_eligible_cases(opened, eligible.filter(~querysets.has_hold_on_everything()))
    if len(kept) < len(cases):
        Mail.objects.filter(pk__in=[mails[pk] for pk in cases if pk not in kept]).delete()
    entries.write_ledger_entries(
        entries.build_ledger_entry(
            row.public_id,
            LedgerLine.NOTICE_QUEUED,
            now=report.now,
            cause=CaseCause.INACTIVITY,
            anchor=row.anchor,
            case=pk,
            mail=mails[pk],
            run=report.run,
        )
        for pk, row in cases.items()
        if pk in kept
    )
    return len(kept)


def _notice_days(anchors: Iterable[date], now: datetime) -> dict[date, datetime]:
    """The anchors for which the policy gives a notice, each with its 24:00. For an active account
    without obstacles the policy depends on the day only, so one call serves each day.
    """
    rules = config.get_rules()
    days = {}
    for anchor in anchors:
        moment = start_of_paris_day(anchor)
        coming = next_step(AccountFacts(Status.ACTIVE, moment, moment), now, rules)
        if coming.step == Step.NOTICE and coming.due:
            days[anchor] = end_of_paris_day(anchor)
    return days


# --- deactivation ------------------------------------------------------------------------------


def _deactivate_batch(rows: list[LifecycleCase], report: RunReport) -> int:
    """`active` → `deactivated_inactive`: ends all sessions and queues the second mail (R97)."""
    users = [case.user for case in rows]
    agreed = _confirm_with_policy(
        users, Step.DEACTIVATE, report
    ) - administrators.find_last_administrator(users)
    cases = [case for case in rows if case.user_id in agreed]
    if not cases:
        return 0
    account_departures.deactivate_idle_accounts(
        [case.user_id for case in cases], actor=Actor.system("lifecycle"), now=report.now
    )
    mails = queue_mails(
        INACTIVITY_DEACTIVATED,
        [NewMail(subject=case.pk, person=case.user.public_id) for case in cases],
        now=report.now,
    )
    for case in cases:
        case.state = CaseState.DEACTIVATED
        case.deactivated_at = report.now
        case.due_at = None
        case.mail_id = mails[case.pk]
        case.mails = 1
    LifecycleCase.objects.bulk_update(cases, ["state", "deactivated_at", "due_at", "mail", "mails"])
    entries.write_ledger_entries(
        build_run_entry(case, LedgerLine.DEACTIVATED, report, mail=case.mail_id) for case in cases
    )
    return len(cases)


# --- deletion ----------------------------------------------------------------------------------


def _delete_batch(rows: list[LifecycleCase], report: RunReport) -> int:
    """Erases the accounts and all their data (R103); the ledger line stays."""
    users = [case.user for case in rows]
    agreed = _confirm_with_policy(
        users, Step.DELETE, report
    ) - administrators.find_last_administrator(users)
    cases = [case for case in rows if case.user_id in agreed]
    if not cases:
        return 0
    entries.write_ledger_entries(
        build_run_entry(case, LedgerLine.DELETED, report, last_day=case.deletion_last_day)
        for case in cases
    )
    farewells = [
        NewMail(subject=case.pk, data={"to": case.user.email})
        for case in cases
        if case.cause == CaseCause.CLOSURE
    ]
    if farewells:
        queue_mails(CLOSED, farewells, now=report.now)
    for cause in {case.cause for case in cases}:
        account_erasure.erase_accounts(
            [case.user_id for case in cases if case.cause == cause], cause=cause, now=report.now
        )
    return len(cases)


# --- unfinished sign-ups -----------------------------------------------------------------------


def _remind_batch(rows: list[User], report: RunReport) -> int:
    """One reminder each, with a new link: the first one has expired by then."""
    agreed = _confirm_with_policy(rows, Step.REMIND, report)
    users = [user for user in rows if user.pk in agreed]
    reminders = [Reminder(user=user, queued_at=report.now) for user in users]
    Reminder.objects.bulk_create(reminders, ignore_conflicts=True)
    letters = []
    for user in users:
        link = mailed_links.issue_link(user, EntryLink.Purpose.SIGN_UP, now=report.now)
        letters.append(
            NewMail(subject=user.public_id, person=user.public_id, data={"link": str(link.pk)})
        )
    queue_mails(SIGN_UP_REMINDER, letters, now=report.now)
    return len(users)


def _purge_batch(rows: list[User], report: RunReport) -> int:
    agreed = _confirm_with_policy(rows, Step.PURGE, report)
    if agreed:
        entries.write_ledger_entries(
            entries.build_ledger_entry(
                user.public_id,
                LedgerLine.DELETED,
                now=report.now,
                anchor=paris_date(user.created_at),
                last_day=paris_date(user.created_at)
                + timedelta(days=config.get_rules().pending_days),
                reason="never_completed",
                run=report.run,
            )
            for user in rows
            if user.pk in agreed
        )
        account_erasure.erase_accounts(sorted(agreed), cause="never_completed", now=report.now)
    return len(agreed)


# --- inactive agents ---------------------------------------------------------------------------


def _disable_batch(rows: list[User], report: RunReport) -> int:
    """Suspends inactive agents (D61); a colleague may lift it. The last administrator stays."""
    agreed = _confirm_with_policy(
        rows, Step.DISABLE, report
    ) - administrators.find_last_administrator(rows)
    actor = Actor.system("lifecycle")
    for user in rows:
        if user.pk in agreed:
            account_departures.suspend_account(
                user, actor=actor, reason=DeactivationReason.IDLE, now=report.now
            )
    return len(agreed)


_BATCHES: dict[Step, BatchAct[Any]] = {
    Step.DEACTIVATE: _deactivate_batch,
    Step.DELETE: _delete_batch,
    Step.REMIND: _remind_batch,
    Step.PURGE: _purge_batch,
    Step.DISABLE: _disable_batch,
}
