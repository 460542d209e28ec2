"""Updates cases from what happened elsewhere: changes of accounts, answers of the mail server.

Opens, binds and closes cases; changes no account's status. Idempotent: safe at any hour, twice at
once, or weeks late.
"""

from collections import defaultdict
from datetime import date
from functools import partial
from typing import cast
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from accounts.leaving import account_departures
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.engine.batches import RunReport, build_run_entry, process_in_batches
from lifecycle.engine.deadlines import BOUND_STATES, follow_requests, publish_deadlines
from lifecycle.engine.emails import CLOSED, INACTIVITY_DEACTIVATED, INACTIVITY_NOTICE
from lifecycle.engine.other_platforms import follow_other_platforms
from lifecycle.engine.returned_mail import (
    hold_returned_cases,
    hold_unreached_people,
    select_returned_cases,
)
from lifecycle.enums import CaseCause, CaseOutcome, CaseState, HoldReason, LedgerLine
from lifecycle.ledger import entries as ledger
from lifecycle.models import Hold, LifecycleCase
from lifecycle.rules import config, querysets
from lifecycle.rules.dead_mailboxes import WAITING_STATES
from lifecycle.rules.facts import CAUSE_AND_MAIL_OF_ACTS, build_announcement_key
from lifecycle.rules.policy import binding_last_day
from mgestion.outbox.flows import NewMail, queue_mails
from mgestion.outbox.models import Mail, MailStatus
from mgestion.text.dates import end_of_paris_day, paris_date

_process_rows = partial(process_in_batches, cap=10**9)


def settle_cases(report: RunReport) -> None:
    """Runs all updates, in the order that leaves nothing for the next run."""
    follow_other_platforms(report)
    stages = _find_stages()
    if stages:
        _process_rows("ended", _select_overtaken_cases, _end_cases, report)
    # Before a new case opens: its own mail will tell whether the address takes mail.
    _process_rows("unheld", _select_pointless_holds, _lift_holds, report)
    _read_mail_answers(stages, report)
    _process_rows("opened", _select_acts_without_case, _open_cases, report)
    if report.counts["opened"]:  # their mails may have been accepted already
        _process_rows("bound", _select_accepted_cases, _bind_deadlines, report)
    if report.counts["bound"] or any(state in BOUND_STATES for state, _ in stages):
        follow_requests(report)
        report.counts["published"] += publish_deadlines(report.now)
    forget_farewell_mails()


def _find_stages() -> set[tuple[str, str | None]]:
    """The states of the open cases, each with what became of the mails that they wait for."""
    open_cases = LifecycleCase.objects.open().order_by()
    return set(open_cases.values_list("state", "mail__status").distinct())


def _read_mail_answers(stages: set[tuple[str, str | None]], report: RunReport) -> None:
    if any(state in BOUND_STATES and answer == MailStatus.DEAD for state, answer in stages):
        _process_rows("returned", select_returned_cases, hold_returned_cases, report)
    answers = {answer for state, answer in stages if state in WAITING_STATES}
    if MailStatus.SENT in answers:
        _process_rows("bound", _select_accepted_cases, _bind_deadlines, report)
    if MailStatus.DEAD in answers:
        _process_rows("held", _select_undeliverable_cases, _hold_cases, report)
    if answers & {MailStatus.DROPPED, None}:
        _process_rows("requeued", _select_cases_without_mail, _requeue_mails, report)


def _select_open_cases() -> QuerySet[LifecycleCase]:
    return LifecycleCase.objects.open().select_related("user").order_by("pk")


# --- cases to end --------------------------------------------------------------------------------


def _select_overtaken_cases() -> QuerySet[LifecycleCase]:
    """Cases ended by activity, by another act, or by a return."""
    running = Q(
        state__in=(CaseState.NOTICE_QUEUED, CaseState.NOTIFIED),
        user__status=Status.ACTIVE,
        user__clock_from__lt=F("anchor_ends"),
    )
    leaving = (
        Q(state__in=(CaseState.DEACTIVATED, CaseState.ANNOUNCED)) & querysets.is_still_leaving()
    )
    return _select_open_cases().exclude(running | leaving)


def _end_cases(rows: list[LifecycleCase], report: RunReport) -> int:
    for case in rows:
        warned = case.state in (CaseState.NOTICE_QUEUED, CaseState.NOTIFIED)
        if case.user.status != Status.ACTIVE:
            case.outcome = CaseOutcome.OTHER_ACT
        else:
            case.outcome = CaseOutcome.ACTIVITY if warned else CaseOutcome.RETURNED
    for outcome in {case.outcome for case in rows}:
        LifecycleCase.objects.filter(pk__in=[c.pk for c in rows if c.outcome == outcome]).update(
            state=CaseState.CLOSED, closed_at=report.now, due_at=None, outcome=outcome
        )
    ledger.write_ledger_entries(
        build_run_entry(case, LedgerLine.ENDED, report, reason=case.outcome) for case in rows
    )
    return len(rows)


# --- what the mail server answered -------------------------------------------------------------


def _select_accepted_cases() -> QuerySet[LifecycleCase]:
    return (
        _select_open_cases()
        .filter(state__in=WAITING_STATES, mail__status=MailStatus.SENT)
        .select_related("mail")
    )


def _bind_deadlines(rows: list[LifecycleCase], report: RunReport) -> int:
    """Starts the deadlines of cases whose mail was accepted."""
    rules = config.get_rules()
    groups: defaultdict[tuple[str, date], list[UUID]] = defaultdict(list)
    entries = []
    for case in rows:
        mail = case.mail
        if mail is None or mail.accepted_at is None:
            continue
        is_notice = case.state == CaseState.NOTICE_QUEUED
        days = rules.notice_days if is_notice else rules.grace_days
        last = binding_last_day(mail.deadline, mail.accepted_at, days)
        groups[case.state, last].append(case.pk)
        line = LedgerLine.NOTICE_ACCEPTED if is_notice else LedgerLine.DELETION_ANNOUNCED
        entries.append(build_run_entry(case, line, report, last_day=last, mail=mail.pk))
    accepted = Subquery(Mail.objects.filter(pk=OuterRef("mail_id")).values("accepted_at")[:1])
    for (state, last), ids in groups.items():
        due = end_of_paris_day(last)
        cases = LifecycleCase.objects.filter(pk__in=ids)
        if state == CaseState.NOTICE_QUEUED:
            cases.update(
                state=CaseState.NOTIFIED,
                notice_accepted_at=accepted,
                notice_last_day=last,
                due_at=due,
            )
        else:
            cases.update(
                state=CaseState.ANNOUNCED, announced_at=accepted, deletion_last_day=last, due_at=due
            )
    ledger.write_ledger_entries(entries)
    return len(entries)


def _select_undeliverable_cases() -> QuerySet[LifecycleCase]:
    return (
        _select_open_cases()
        .filter(state__in=WAITING_STATES, mail__status=MailStatus.DEAD)
        .filter(~querysets.is_held("user"))
    )


def _hold_cases(rows: list[LifecycleCase], report: RunReport) -> int:
    """Holds cases whose mail could not be delivered, until staff decide."""
    return hold_unreached_people(
        rows, report, line=LedgerLine.HELD, reason=HoldReason.UNDELIVERABLE
    )


def _select_pointless_holds() -> QuerySet[Hold]:
    """Holds that the portal placed for undeliverable mail and whose case is closed; an open hold
    would exclude the account from later procedures. Holds placed by staff stay.
    """
    return (
        Hold.objects.active()
        .filter(user__isnull=False, reason=HoldReason.UNDELIVERABLE, placed_by__isnull=True)
        .filter(~querysets.has_open_case("user"))
        .select_related("user")
        .order_by("pk")
    )


def _lift_holds(rows: list[Hold], report: RunReport) -> int:
    Hold.objects.filter(pk__in=[hold.pk for hold in rows]).update(released_at=report.now)
    ledger.write_ledger_entries(
        ledger.build_ledger_entry(
            cast(User, hold.user).public_id,  # None only for a hold on all accounts
            LedgerLine.RELEASED,
            now=report.now,
            reason=HoldReason.UNDELIVERABLE,
            run=report.run,
        )
        for hold in rows
    )
    return len(rows)


def _select_cases_without_mail() -> QuerySet[LifecycleCase]:
    """Cases whose mail was dropped during a hold that has ended: the mail is still owed."""
    return (
        _select_open_cases()
        .filter(state__in=WAITING_STATES)
        .filter(Q(mail__status=MailStatus.DROPPED) | Q(mail__isnull=True))
        .filter(~querysets.is_held("user"), ~querysets.has_hold_on_everything())
    )


def _requeue_mails(rows: list[LifecycleCase], report: RunReport) -> int:
    for case in rows:
        requeue_case_mail(case, report)
    return len(rows)


def requeue_case_mail(case: LifecycleCase, report: RunReport) -> None:
    """Queues the awaited mail of `case` again."""
    kind, subject, cycle = _identify_awaited_mail(case, case.mails + 1)
    said = case.mail.data if case.mail is not None else {}  # who deactivated, and why
    letter = NewMail(subject=subject, cycle=cycle, person=case.user.public_id, data=said)
    mail = queue_mails(kind, [letter], now=report.now)[subject]
    case.mails += 1
    case.mail_id = mail
    case.save(update_fields=["mail", "mails"])
    line = build_run_entry(case, LedgerLine.REQUEUED, report, mail=mail, actor=report.actor)
    ledger.write_ledger_entries([line])


def _identify_awaited_mail(case: LifecycleCase, number: int) -> tuple[str, UUID, str]:
    """Kind, subject and cycle of the awaited mail of a case; the first mail has no number."""
    tail = "" if number == 1 else f"{number}"
    if case.cause == CaseCause.INACTIVITY:
        kind = (
            INACTIVITY_NOTICE if case.state == CaseState.NOTICE_QUEUED else INACTIVITY_DEACTIVATED
        )
        return kind, case.pk, tail
    kind = CAUSE_AND_MAIL_OF_ACTS[Status(querysets.LEAVING_STATUS[CaseCause(case.cause)])][1]
    cycle = account_departures.get_mail_cycle(case.user.status_since)
    return kind, case.user.public_id, f"{cycle}.{tail}" if tail else cycle


# --- departures by an act ------------------------------------------------------------------------


def _select_acts_without_case() -> QuerySet[User]:
    return (
        User.objects.filter(status__in=list(CAUSE_AND_MAIL_OF_ACTS))
        .filter(~querysets.has_open_case())
        .order_by("status_since", "pk")
    )


def _open_cases(rows: list[User], report: RunReport) -> int:
    """Opens a case for each departure by an act; the act has queued its mail."""
    keys = {build_announcement_key(user): user.pk for user in rows}
    mails = {
        keys[mail.key]: mail.pk for mail in Mail.objects.filter(key__in=list(keys)).only("key")
    }
    cases = []
    for user in rows:
        anchor = paris_date(user.status_since)
        cases.append(
            LifecycleCase(
                user=user,
                cause=CAUSE_AND_MAIL_OF_ACTS[Status(user.status)][0],
                state=CaseState.DEACTIVATED,
                anchor=anchor,
                anchor_ends=end_of_paris_day(anchor),
                opened_at=report.now,
                deactivated_at=user.status_since,
                mail_id=mails.get(user.pk),
                mails=1,
            )
        )
    LifecycleCase.objects.bulk_create(cases, ignore_conflicts=True)
    written = set(
        LifecycleCase.objects.filter(pk__in=[case.pk for case in cases]).values_list(
            "pk", flat=True
        )
    )
    opened = [case for case in cases if case.pk in written]
    ledger.write_ledger_entries(
        build_run_entry(case, LedgerLine.DEACTIVATED, report, mail=case.mail_id) for case in opened
    )
    return len(opened)


def forget_farewell_mails() -> int:
    """Erases address and content of sent mails that confirm a deletion: their account is gone."""
    # By the prefix of the key, which is indexed; the kind is not.
    done = Mail.objects.filter(key__startswith=f"{CLOSED}:").exclude(status=MailStatus.QUEUED)
    done = done.exclude(data={}, to="")
    if not done.exists():
        return 0
    return done.update(data={}, to="", subject="", text="", html="", last_error="")
