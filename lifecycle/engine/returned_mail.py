"""A mail that came back after the relay had accepted it: its deadline binds no more (D79)."""

from django.db.models import Q, QuerySet

from lifecycle.engine import deadlines, notifications
from lifecycle.engine.batches import RunReport, build_run_entry
from lifecycle.enums import CaseState, HoldReason, LedgerLine
from lifecycle.ledger import entries
from lifecycle.models import Hold, LifecycleCase
from mgestion.outbox.models import MailStatus


def select_returned_cases() -> QuerySet[LifecycleCase]:
    """Open cases with a deadline that a mail bound which was given up since; a letter that replaced
    the mail binds by itself.
    """
    by_mail = Q(state=CaseState.NOTIFIED, notice_letter_on__isnull=True) | Q(
        state=CaseState.ANNOUNCED, deletion_letter_on__isnull=True
    )
    return (
        LifecycleCase.objects.open()
        .filter(by_mail, mail__status=MailStatus.DEAD)
        .select_related("user")
        .order_by("pk")
    )


def cancel_mail_deadline(case: LifecycleCase) -> None:
    """Puts the case back to before its mail was accepted, and withdraws the published deadline."""
    if case.state == CaseState.NOTIFIED:
        case.state = CaseState.NOTICE_QUEUED
        case.notice_accepted_at = case.notice_last_day = None
    else:
        case.state = CaseState.DEACTIVATED
        case.announced_at = case.deletion_last_day = None
    case.due_at = case.paused_since = None
    case.save()
    deadlines.withdraw_deadlines(case.user)


def hold_returned_cases(rows: list[LifecycleCase], report: RunReport) -> int:
    """Cancels the deadlines of these cases and holds the accounts until staff decide (D27)."""
    for case in rows:
        cancel_mail_deadline(case)
    return hold_unreached_people(rows, report, line=LedgerLine.RETURNED_MAIL)


def hold_unreached_people(
    rows: list[LifecycleCase], report: RunReport, *, line: LedgerLine, reason: str = ""
) -> int:
    """Holds the accounts of these cases, whose mail reached nobody, until staff decide. Returns how
    many cases.
    """
    Hold.objects.bulk_create(
        [
            Hold(user=case.user, reason=HoldReason.UNDELIVERABLE, placed_at=report.now)
            for case in rows
        ],
        ignore_conflicts=True,
    )
    entries.write_ledger_entries(
        build_run_entry(case, line, report, reason=reason, mail=case.mail_id) for case in rows
    )
    notifications.notify_undeliverable_hold(report.now)
    return len(rows)
