"""Deadlines of cases: their publication for login, and the days given back after a pause.

A deadline stands still while a hold or a request under review keeps the step, and is not published
meanwhile. When a pause ends, it gives back the Paris days from its own start to the start of the
pauses that go on: days shared by two pauses are given back once.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.lookups import IsNull

from accounts.people.models import User
from lifecycle.engine.batches import RunReport, build_run_entry
from lifecycle.enums import CaseCause, CaseState, LedgerLine
from lifecycle.ledger import entries
from lifecycle.models import Hold, LifecycleCase
from lifecycle.rules import config, querysets
from lifecycle.rules.policy import letter_notifies_on
from lifecycle.rules.silent_platforms import SilentPlatforms, find_silent_platforms, is_judged_by
from mgestion.errors import WrongState
from mgestion.text.dates import end_of_paris_day, paris_date, start_of_paris_day
from registrations.requests.models import Request

BOUND_STATES = (CaseState.NOTIFIED, CaseState.ANNOUNCED)


def select_running_deadlines() -> QuerySet[LifecycleCase]:
    """Open cases with a deadline."""
    return LifecycleCase.objects.open().filter(state__in=BOUND_STATES)


def get_last_day(case: LifecycleCase) -> date:
    """The last day of the current deadline. WrongState when there is none."""
    last = case.notice_last_day if case.state == CaseState.NOTIFIED else case.deletion_last_day
    if last is None:
        raise WrongState("not_bound", "Aucune échéance ne court encore.")
    return last


def find_deadline_start(case: LifecycleCase) -> datetime | None:
    """When the days of the deadline began: at the acceptance of the mail, or on the presumed
    reception of the letter. None without a deadline.
    """
    if case.state == CaseState.NOTIFIED:
        accepted, posted = case.notice_accepted_at, case.notice_letter_on
    else:
        accepted, posted = case.announced_at, case.deletion_letter_on
    if posted is not None:
        return start_of_paris_day(letter_notifies_on(posted, config.get_rules()))
    return accepted


def give_days_back(
    case: LifecycleCase, since: datetime, now: datetime, others: Iterable[datetime]
) -> int:
    """Moves the deadline by the Paris days from `since` to `now`, without those that the pauses
    begun at `others` will give back when they end. Returns the number of days.
    """
    start = max(since, find_deadline_start(case) or since)
    end = min([now, *others])
    days = max(0, (paris_date(end) - paris_date(start)).days)
    shift_deadline(case, days)
    return days


def shift_deadline(case: LifecycleCase, days: int) -> None:
    """Moves the deadline of `case` by `days` Paris days; does nothing for 0."""
    if days <= 0:
        return
    last = get_last_day(case) + timedelta(days=days)
    case.due_at = end_of_paris_day(last)
    field = "notice_last_day" if case.state == CaseState.NOTIFIED else "deletion_last_day"
    setattr(case, field, last)
    case.save(update_fields=["due_at", field])


# --- what login reads ----------------------------------------------------------------------------


def publish_deadlines(now: datetime) -> int:
    """Copies the deadlines of announced deletions to the accounts, where login reads them. Leaves
    out accounts whose deletion a hold, a request or a silent platform keeps: their return stays
    possible. Returns the number of accounts.
    """
    announced = LifecycleCase.objects.open().filter(state=CaseState.ANNOUNCED)
    unpublished = announced.annotate(waits=IsNull(F("user__revivable_until"), True))
    found = set(unpublished.order_by().values_list("cause", "waits").distinct())
    if not found or querysets.is_everything_held():
        return 0
    causes = {cause for cause, _ in found}
    silence = find_silent_platforms(now) if CaseCause.INACTIVITY in causes else SilentPlatforms()
    if silence:
        idle = announced.filter(cause=CaseCause.INACTIVITY)
        kept = idle if silence.listed else idle.filter(is_judged_by(silence.other_ids, "user"))
        User.objects.filter(pk__in=kept.values("user"), revivable_until__isnull=False).update(
            revivable_until=None
        )
        announced = announced.exclude(pk__in=kept.values("pk"))
    if not any(waits for _, waits in found):
        return 0
    case = announced.filter(user=OuterRef("pk"), deactivated_at=OuterRef("status_since"))
    waiting = announced.filter(user__revivable_until__isnull=True)
    return (
        User.objects.filter(pk__in=waiting.values("user"), revivable_until__isnull=True)
        .filter(
            Exists(case),
            ~querysets.is_held(),
            ~querysets.has_open_request(),
            status__in=list(querysets.LEAVING_STATUS.values()),
        )
        .update(revivable_until=Subquery(case.values("due_at")[:1]))
    )


def withdraw_deadlines(user: User | None) -> None:
    """Removes the published deadline of this account, or of all (None); `publish_deadlines` writes
    the current ones.
    """
    leaving = User.objects.filter(
        status__in=list(querysets.LEAVING_STATUS.values()), revivable_until__isnull=False
    )
    (leaving.filter(pk=user.pk) if user is not None else leaving).update(revivable_until=None)


# --- requests under review -----------------------------------------------------------------


@transaction.atomic
def follow_requests(report: RunReport) -> None:
    """Pauses deadlines of accounts with an open request, and gives the days back once it is
    decided."""
    runs = IsNull(F("paused_since"), True)
    unread = select_running_deadlines().alias(asks=querysets.has_open_request("user"))
    cases = unread.filter(asks=runs).select_related("user").order_by("pk")
    by_request: dict[bool, list[LifecycleCase]] = {True: [], False: []}
    for case in cases.select_for_update(of=("self",)):
        by_request[case.paused_since is None].append(case)
    _pause_deadlines(by_request[True], report.now)
    _resume_deadlines(by_request[False], report)


def _pause_deadlines(cases: Iterable[LifecycleCase], now: datetime) -> None:
    for case in cases:
        asked = (
            Request.objects.open()
            .filter(user=case.user_id)
            .order_by("submitted_at")
            .values_list("submitted_at", flat=True)
            .first()
        )
        since = max(asked or now, find_deadline_start(case) or now)
        case.paused_since = min(since, now)
        case.save(update_fields=["paused_since"])


def _resume_deadlines(cases: Sequence[LifecycleCase], report: RunReport) -> None:
    if not cases:
        return
    holds = list(Hold.objects.active())
    lines = []
    for case in cases:
        since, case.paused_since = case.paused_since, None
        case.save(update_fields=["paused_since"])
        if since is None:
            continue
        its = [hold for hold in holds if hold.everything or hold.user_id == case.user_id]
        if not give_days_back(case, since, report.now, [hold.placed_at for hold in its]):
            continue
        lines.append(
            build_run_entry(case, LedgerLine.PAUSE_ENDED, report, last_day=get_last_day(case))
        )
    entries.write_ledger_entries(lines)
    people = [case.user_id for case in cases]
    User.objects.filter(pk__in=people, status__in=list(querysets.LEAVING_STATUS.values())).update(
        revivable_until=None
    )
    report.counts["resumed"] += len(lines)
