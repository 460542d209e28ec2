"""The deadlines that login reads, and the days that are given back (D21, D41, D51, D72).

A deadline stands still while a hold or a request under review keeps the step, and login does not
read it meanwhile. When one of those ends, it gives back the Paris days from its own beginning to
the beginning of whatever still keeps the step: days that two of them share are given once.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.people.models import User
from lifecycle.engine.batches import RunReport
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
    """The cases with a deadline."""
    return LifecycleCase.objects.open().filter(state__in=BOUND_STATES)


def get_last_day(case: LifecycleCase) -> date:
    """The last day of the deadline that runs. WrongState when none does."""
    last = case.notice_last_day if case.state == CaseState.NOTIFIED else case.deletion_last_day
    if last is None:
        raise WrongState("not_bound", "Aucune échéance ne court encore.")
    return last


def find_deadline_start(case: LifecycleCase) -> datetime | None:
    """When the days of the deadline began to run: the acceptance of the mail, or the day on which
    the letter notified. None while nothing is bound.
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
    """Moves the deadline by the days that something kept it from `since` to `now`, but those that
    the `others`, which go on and began at these moments, will give. Returns the Paris days.
    """
    start = max(since, find_deadline_start(case) or since)
    end = min([now, *others])
    days = max(0, (paris_date(end) - paris_date(start)).days)
    shift_deadline(case, days)
    return days


def shift_deadline(case: LifecycleCase, days: int) -> None:
    """The deadline of `case` moves by `days` Paris days; nothing happens for 0."""
    if days <= 0:
        return
    last = get_last_day(case) + timedelta(days=days)
    case.due_at = end_of_paris_day(last)
    field = "notice_last_day" if case.state == CaseState.NOTIFIED else "deletion_last_day"
    setattr(case, field, last)
    case.save(update_fields=["due_at", field])


# --- what login reads ----------------------------------------------------------------------------


def publish_deadlines(now: datetime) -> int:
    """Puts the bound deadlines on the accounts, where login reads them (D21). Not while a hold, a
    request or a silent platform keeps the deletion: meanwhile the return stays possible (D41, D51,
    D72).
    """
    if querysets.is_everything_held():
        return 0
    announced = LifecycleCase.objects.open().filter(state=CaseState.ANNOUNCED)
    idle = announced.filter(cause=CaseCause.INACTIVITY)
    silence = find_silent_platforms(now) if idle.exists() else SilentPlatforms()
    if silence:
        kept = idle if silence.listed else idle.filter(is_judged_by(silence.other_ids, "user"))
        User.objects.filter(pk__in=kept.values("user"), revivable_until__isnull=False).update(
            revivable_until=None
        )
        announced = announced.exclude(pk__in=kept.values("pk"))
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
    """Login reads no deadline any more, of this account or of any: `publish_deadlines` puts the
    current ones back.
    """
    leaving = User.objects.filter(
        status__in=list(querysets.LEAVING_STATUS.values()), revivable_until__isnull=False
    )
    (leaving.filter(pk=user.pk) if user is not None else leaving).update(revivable_until=None)


# --- requests under review (D41) -----------------------------------------------------------------


@transaction.atomic
def follow_requests(report: RunReport) -> None:
    """Notes since when a request keeps a deadline, and gives its days back once it is decided."""
    _pause_deadlines(report.now)
    ended = (
        select_running_deadlines()
        .filter(paused_since__isnull=False)
        .filter(~querysets.has_open_request("user"))
    )
    cases = list(ended.select_related("user").select_for_update(of=("self",)).order_by("pk"))
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
            entries.build_ledger_entry(
                case.user.public_id,
                LedgerLine.PAUSE_ENDED,
                now=report.now,
                cause=case.cause,
                anchor=case.anchor,
                last_day=get_last_day(case),
                case=case.pk,
                run=report.run,
            )
        )
    entries.write_ledger_entries(lines)
    people = [case.user_id for case in cases]
    User.objects.filter(pk__in=people, status__in=list(querysets.LEAVING_STATUS.values())).update(
        revivable_until=None
    )
    report.counts["resumed"] += len(lines)


def _pause_deadlines(now: datetime) -> None:
    asking = select_running_deadlines().filter(
        querysets.has_open_request("user"), paused_since__isnull=True
    )
    for case in asking.select_for_update(of=("self",)).order_by("pk"):
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
