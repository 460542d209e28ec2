"""Reading what happened elsewhere: facts of accounts, answers of the mail server.

Nothing here moves an account: it opens, binds and closes cases. Safe to run at any hour, twice at
once, or weeks late.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import cast
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from accounts.leaving import account_departures
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.emails import CLOSED, INACTIVITY_DEACTIVATED, INACTIVITY_NOTICE
from lifecycle.engine import notifications
from lifecycle.engine.batches import Act, Report, in_batches
from lifecycle.engine.deadlines import follow_requests, publish_deadlines
from lifecycle.engine.other_platforms import follow_other_platforms
from lifecycle.enums import CaseState, Cause, HoldReason, Line, Outcome
from lifecycle.ledger import entries as ledger
from lifecycle.models import Hold, LifecycleCase
from lifecycle.rules import config, querysets
from lifecycle.rules.facts import EXTERNAL, announcement_key
from lifecycle.rules.policy import binding_last_day
from mgestion.outbox.bulk import Letter, queue_many
from mgestion.outbox.models import Mail, MailStatus
from mgestion.text.dates import end_of_paris_day, paris_date

_NO_CAP = 10**9
_WAITING = (CaseState.NOTICE_QUEUED, CaseState.DEACTIVATED)


def settle(report: Report) -> None:
    """Everything of this module, in the order that leaves nothing for the next run."""
    follow_other_platforms(report)
    running = LifecycleCase.objects.open().exists()
    if running:
        _in_batches("ended", _overtaken, _end, report)
    # Before a new case opens: its own mail says whether the address still takes none.
    in_batches("unheld", _pointless, _unhold, report, public_id=_held_person, cap=_NO_CAP)
    if running:
        _read_answers(report)
    in_batches(
        "opened", _uncased, _open, report, public_id=lambda user: user.public_id, cap=_NO_CAP
    )
    if report.counts["opened"]:  # their mails may have been accepted already
        _in_batches("bound", _accepted, _bind, report)
    if running or report.counts["opened"]:
        follow_requests(report)
        report.counts["published"] += publish_deadlines(report.now)
    forget_farewells()


def _read_answers(report: Report) -> None:
    answers = set(_waiting().order_by().values_list("mail__status", flat=True).distinct())
    if MailStatus.SENT in answers:
        _in_batches("bound", _accepted, _bind, report)
    if MailStatus.DEAD in answers:
        _in_batches("held", _undeliverable, _hold, report)
    if answers & {MailStatus.DROPPED, None}:
        _in_batches("requeued", _mailless, _requeue, report)


def _in_batches(
    name: str, due: Callable[[], QuerySet[LifecycleCase]], act: Act[LifecycleCase], report: Report
) -> None:
    in_batches(name, due, act, report, public_id=lambda case: case.user.public_id, cap=_NO_CAP)


def _waiting() -> QuerySet[LifecycleCase]:
    return LifecycleCase.objects.open().filter(state__in=_WAITING)


def _cases() -> QuerySet[LifecycleCase]:
    return LifecycleCase.objects.open().select_related("user").order_by("pk")


# --- cases that the facts have overtaken -------------------------------------------------------


def _overtaken() -> QuerySet[LifecycleCase]:
    """Activity, another act, a return (L3, L4, L5)."""
    running = Q(
        state__in=(CaseState.NOTICE_QUEUED, CaseState.NOTIFIED),
        user__status=Status.ACTIVE,
        user__clock_from__lt=F("anchor_ends"),
    )
    leaving = Q(state__in=(CaseState.DEACTIVATED, CaseState.ANNOUNCED)) & querysets.still_leaving()
    return _cases().exclude(running | leaving)


def _end(rows: list[LifecycleCase], report: Report) -> int:
    for case in rows:
        warned = case.state in (CaseState.NOTICE_QUEUED, CaseState.NOTIFIED)
        if case.user.status != Status.ACTIVE:
            case.outcome = Outcome.OTHER_ACT
        else:
            case.outcome = Outcome.ACTIVITY if warned else Outcome.RETURNED
    for outcome in {case.outcome for case in rows}:
        LifecycleCase.objects.filter(pk__in=[c.pk for c in rows if c.outcome == outcome]).update(
            state=CaseState.CLOSED, closed_at=report.now, due_at=None, outcome=outcome
        )
    ledger.write(
        ledger.entry(
            case.user.public_id,
            Line.ENDED,
            now=report.now,
            cause=case.cause,
            anchor=case.anchor,
            reason=case.outcome,
            case=case.pk,
            run=report.run,
        )
        for case in rows
    )
    return len(rows)


# --- what the mail server answered -------------------------------------------------------------


def _accepted() -> QuerySet[LifecycleCase]:
    return _cases().filter(state__in=_WAITING, mail__status=MailStatus.SENT).select_related("mail")


def _bind(rows: list[LifecycleCase], report: Report) -> int:
    """The deadline that the accepted mail announced begins to bind (D20, D27, L1)."""
    rules = config.rules()
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
        entries.append(
            ledger.entry(
                case.user.public_id,
                Line.NOTICE_ACCEPTED if is_notice else Line.DELETION_ANNOUNCED,
                now=report.now,
                cause=case.cause,
                anchor=case.anchor,
                last_day=last,
                case=case.pk,
                mail=mail.pk,
                run=report.run,
            )
        )
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
                state=CaseState.ANNOUNCED,
                announced_at=accepted,
                deletion_last_day=last,
                due_at=due,
            )
    ledger.write(entries)
    return len(entries)


def _undeliverable() -> QuerySet[LifecycleCase]:
    return (
        _cases()
        .filter(state__in=_WAITING, mail__status=MailStatus.DEAD)
        .filter(~querysets.held("user"))
    )


def _hold(rows: list[LifecycleCase], report: Report) -> int:
    """Nobody is deactivated or deleted on a mail that never arrived: staff decide (D27)."""
    Hold.objects.bulk_create(
        [
            Hold(user=case.user, reason=HoldReason.UNDELIVERABLE, placed_at=report.now)
            for case in rows
        ],
        ignore_conflicts=True,
    )
    ledger.write(
        ledger.entry(
            case.user.public_id,
            Line.HELD,
            now=report.now,
            cause=case.cause,
            anchor=case.anchor,
            reason=HoldReason.UNDELIVERABLE,
            case=case.pk,
            mail=case.mail_id,
            run=report.run,
        )
        for case in rows
    )
    notifications.tell_holds(report.now)
    return len(rows)


def _pointless() -> QuerySet[Hold]:
    """What the portal held for a mail that never arrived, once its case is closed: left open, the
    hold would keep the account out of every later procedure. What staff placed, staff lifts.
    """
    return (
        Hold.objects.active()
        .filter(user__isnull=False, reason=HoldReason.UNDELIVERABLE, placed_by__isnull=True)
        .filter(~querysets.open_case("user"))
        .select_related("user")
        .order_by("pk")
    )


def _held_person(hold: Hold) -> UUID:
    return cast(User, hold.user).public_id  # empty for a hold on everything, which is not ours


def _unhold(rows: list[Hold], report: Report) -> int:
    Hold.objects.filter(pk__in=[hold.pk for hold in rows]).update(released_at=report.now)
    ledger.write(
        ledger.entry(
            _held_person(hold),
            Line.RELEASED,
            now=report.now,
            reason=HoldReason.UNDELIVERABLE,
            run=report.run,
        )
        for hold in rows
    )
    return len(rows)


def _mailless() -> QuerySet[LifecycleCase]:
    """A mail dropped while the account was held is still owed once it is not."""
    return (
        _cases()
        .filter(state__in=_WAITING)
        .filter(Q(mail__status=MailStatus.DROPPED) | Q(mail__isnull=True))
        .filter(~querysets.held("user"), ~querysets.hold_on_all())
    )


def _requeue(rows: list[LifecycleCase], report: Report) -> int:
    for case in rows:
        requeue(case, report)
    return len(rows)


def requeue(case: LifecycleCase, report: Report) -> None:
    """Queues the mail that `case` waits for, anew."""
    kind, subject, cycle = _mail_of(case, case.mails + 1)
    said = case.mail.data if case.mail is not None else {}  # who deactivated, and why
    letter = Letter(subject=subject, cycle=cycle, person=case.user.public_id, data=said)
    mails = queue_many(kind, [letter], now=report.now)
    mail = mails[subject]
    case.mails += 1
    case.mail_id = mail
    case.save(update_fields=["mail", "mails"])
    ledger.write(
        [
            ledger.entry(
                case.user.public_id,
                Line.REQUEUED,
                now=report.now,
                cause=case.cause,
                anchor=case.anchor,
                case=case.pk,
                mail=mail,
                run=report.run,
                actor=report.actor,
            )
        ]
    )


def _mail_of(case: LifecycleCase, number: int) -> tuple[str, UUID, str]:
    """Kind, subject and cycle of the mail that a case waits for; the first one has no number."""
    tail = "" if number == 1 else f"{number}"
    if case.cause == Cause.INACTIVITY:
        kind = (
            INACTIVITY_NOTICE if case.state == CaseState.NOTICE_QUEUED else INACTIVITY_DEACTIVATED
        )
        return kind, case.pk, tail
    kind = EXTERNAL[Status(querysets.LEAVING[Cause(case.cause)])][1]
    cycle = account_departures.act_cycle(case.user.status_since)
    return kind, case.user.public_id, f"{cycle}.{tail}" if tail else cycle


# --- acts of other rooms -----------------------------------------------------------------------


def _uncased() -> QuerySet[User]:
    return (
        User.objects.filter(status__in=list(EXTERNAL))
        .filter(~querysets.open_case())
        .order_by("status_since", "pk")
    )


def _open(rows: list[User], report: Report) -> int:
    """One case per act of an administrator or of the person; its mail was queued by the act."""
    keys = {announcement_key(user): user.pk for user in rows}
    mails = {
        keys[mail.key]: mail.pk for mail in Mail.objects.filter(key__in=list(keys)).only("key")
    }
    cases = []
    for user in rows:
        anchor = paris_date(user.status_since)
        cases.append(
            LifecycleCase(
                user=user,
                cause=EXTERNAL[Status(user.status)][0],
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
    ledger.write(
        ledger.entry(
            case.user.public_id,
            Line.DEACTIVATED,
            now=report.now,
            cause=case.cause,
            anchor=case.anchor,
            case=case.pk,
            mail=case.mail_id,
            run=report.run,
        )
        for case in opened
    )
    return len(opened)


@transaction.atomic
def forget_farewells() -> int:
    """The one mail to somebody who has no account any more keeps no address once it is settled."""
    # By the beginning of the key: it has an index, the kind has none.
    done = Mail.objects.filter(key__startswith=f"{CLOSED}:").exclude(status=MailStatus.QUEUED)
    done = done.exclude(data={}, to="")
    if not done.exists():
        return 0
    return done.update(data={}, to="", subject="", text="", html="", last_error="")
