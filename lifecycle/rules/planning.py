"""The plan of a run, the coming steps by account, and their number by day. Reads only; constant
memory.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.enums import CaseCause, CaseState, Step, StepReason
from lifecycle.models import LifecycleCase, Reminder
from lifecycle.rules import brakes, config, querysets
from lifecycle.rules.brakes import Brakes
from lifecycle.rules.facts import CAUSE_AND_MAIL_OF_ACTS, gather_facts
from lifecycle.rules.policy import (
    AccountFacts,
    CaseFacts,
    LifecycleRules,
    forecast_steps,
    latest_idle_anchor,
    next_step,
)
from lifecycle.rules.silent_platforms import find_accounts_unheard, is_judged_by
from mgestion.outbox.models import MailStatus
from mgestion.text.dates import PARIS, end_of_paris_day, paris_date, start_of_paris_day

_CHUNK = 500
IDLE_STATUSES = (Status.ACTIVE, Status.DEACTIVATED_INACTIVE)  # steps here are due to inactivity


@dataclass(frozen=True, slots=True)
class PlanLine:
    """An account with a step whose day has come. `due`: a run would do it, within its cap and its
    breaker; otherwise `why` says what stops it. `then`: the first day of the next step without any
    activity. `idle`: the account leaves for inactivity, not by an act.
    """

    user: User
    step: Step
    why: StepReason
    from_day: date
    due: bool
    then: date | None
    then_step: Step | None
    case: UUID | None = None
    idle: bool = True


ProgressCallback = Callable[[int], None]  # so many more are done


def _ignore_progress(done: int) -> None:
    """The default callback."""


def count_candidates(now: datetime) -> int:
    """How many accounts `iterate_plan` reads: those whose day may have come."""
    return sum(people.order_by().count() for people in _select_candidates(now, config.get_rules()))


def iterate_plan(
    now: datetime, progress: ProgressCallback = _ignore_progress, *, known: Brakes | None = None
) -> Iterator[PlanLine]:
    """Every account with a step whose day has come at `now`, by step, judged by the policy and the
    brakes as in a run. One set of statements for each 500 accounts. `known`: brakes of another
    moment than `now`.
    """
    rules = config.get_rules()
    keeping = known or brakes.find_brakes(now, now)
    for people in _select_candidates(now, rules):
        yield from _plan_accounts(people, now, rules, keeping, progress)


def _select_candidates(now: datetime, rules: LifecycleRules) -> Iterator[QuerySet[User]]:
    today = paris_date(now)
    yield querysets.select_idle_accounts(today, rules)
    waiting = LifecycleCase.objects.open().filter(
        state__in=(CaseState.NOTICE_QUEUED, CaseState.DEACTIVATED), mail__status=MailStatus.SENT
    )
    for cases in (
        querysets.select_due_cases(CaseState.NOTIFIED, now),
        querysets.select_due_cases(CaseState.ANNOUNCED, now),
        waiting,
    ):
        yield User.objects.filter(pk__in=cases.order_by().values("user")).order_by("pk")
    yield _select_acts_without_case(now)
    young = querysets.select_purge_due(now, rules).order_by().values("pk")
    yield querysets.select_reminder_due(now, rules)
    yield User.objects.filter(pk__in=young).order_by("created_at")
    yield querysets.select_idle_staff(now, rules)


def _select_acts_without_case(now: datetime) -> QuerySet[User]:
    """Accounts that left by an act for which no case is open yet, because no run happened since."""
    cases = LifecycleCase.objects.open().filter(user=OuterRef("pk"))
    read = Q(deactivated_at=OuterRef("status_since"))
    shown = Q(due_at__lte=now) | Q(mail__status=MailStatus.SENT, due_at__isnull=True)  # above
    return (
        User.objects.filter(status__in=list(CAUSE_AND_MAIL_OF_ACTS))
        .filter(~Exists(cases.filter(read | shown)))
        .order_by("pk")
    )


def _plan_accounts(
    people: QuerySet[User],
    now: datetime,
    rules: LifecycleRules,
    keeping: Brakes,
    progress: ProgressCallback,
) -> Iterator[PlanLine]:
    for chunk in _read_forecasts(people, now, rules, keeping, progress):
        users = [one.user for one in chunk]
        cases = dict(
            LifecycleCase.objects.open().filter(user__in=users).values_list("user_id", "pk")
        )
        for user, facts, idle, mute, days in chunk:
            coming = next_step(facts, now, rules)
            if coming.step is None or coming.from_day is None:
                continue
            if coming.from_day > paris_date(now):
                continue
            kept = (
                keeping.find_reason_to_wait(coming.step, idle=idle, unheard=mute)
                if coming.due
                else None
            )
            later = list(islice(days, 2))
            then = later[1] if coming.due and len(later) == 2 else None
            yield PlanLine(
                user=user,
                step=coming.step,
                why=kept or coming.why,
                from_day=coming.from_day,
                due=coming.due and kept is None,
                then=then[0] if then else None,
                then_step=then[1] if then else None,
                case=cases.get(user.pk),
                idle=idle,
            )


class _Forecast(NamedTuple):
    """`idle`: the account leaves for inactivity. `mute`: a silent platform judges it. `days`: its
    coming steps, computed as they are read.
    """

    user: User
    facts: AccountFacts
    idle: bool
    mute: bool
    days: Iterator[tuple[date, Step]]


def _read_forecasts(
    people: QuerySet[User],
    now: datetime,
    rules: LifecycleRules,
    known: Brakes,
    progress: ProgressCallback,
) -> Iterator[list[_Forecast]]:
    """In chunks; reports each one as done when the next is asked for."""
    rows = people.iterator(chunk_size=_CHUNK)
    while chunk := list(islice(rows, _CHUNK)):
        facts = gather_facts(chunk, now)
        unheard = find_accounts_unheard([user.pk for user in chunk], known.silence)
        found = []
        for user in chunk:
            idle, mute = user.status in IDLE_STATUSES, user.pk in unheard
            days = forecast_steps(
                facts[user.pk],
                paris_date(now),
                rules,
                open_on=config.get_office_days(),
                stopped=known.find_stopped_steps(idle=idle, unheard=mute),
            )
            found.append(_Forecast(user, facts[user.pk], idle, mute, days))
        yield found
        progress(len(chunk))


# --- who, in the days to come ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UpcomingStep:
    """A step of an account on a coming day, if nobody moves."""

    user: User
    day: date
    step: Step


def iterate_upcoming_steps(
    now: datetime, end: date, progress: ProgressCallback = _ignore_progress
) -> Iterator[UpcomingStep]:
    """The steps from today to `end` (Paris dates) by account, then by day, if nobody logs in and
    mails are accepted at once. Leaves out accounts that a hold, a request or a brake stops, as
    `count_steps_by_day` does.
    """
    known, rules = brakes.find_brakes(now, now), config.get_rules()
    if querysets.is_everything_held() or known.off:
        return
    for people in _select_upcoming_accounts(end, rules):
        for chunk in _read_forecasts(people, now, rules, known, progress):
            for one in chunk:
                for day, step in takewhile(lambda coming: coming[0] <= end, one.days):
                    yield UpcomingStep(one.user, day, step)


def _select_upcoming_accounts(end: date, rules: LifecycleRules) -> Iterator[QuerySet[User]]:
    """Each account that may have a step until `end`, once."""
    before = end_of_paris_day(latest_idle_anchor(end + timedelta(days=1), rules))
    idle = User.objects.filter(status=Status.ACTIVE, clock_from__lt=before)
    yield idle.filter(~querysets.has_open_case()).order_by("clock_from", "pk")
    staff_before = end_of_paris_day(end - timedelta(days=rules.staff_idle_days))
    agents = User.objects.filter(
        status=Status.ACTIVE, is_staff=True, clock_from__lt=staff_before, clock_from__gte=before
    )
    yield agents.filter(~querysets.has_access(), ~querysets.has_open_case()).order_by("clock_from")
    yield User.objects.filter(querysets.has_open_case()).order_by("pk")
    leaving = User.objects.filter(status__in=list(CAUSE_AND_MAIL_OF_ACTS))
    yield leaving.filter(~querysets.has_open_case()).order_by("status_since", "pk")
    young = end_of_paris_day(end - timedelta(days=rules.remind_days))
    yield User.objects.filter(status=Status.PENDING, created_at__lt=young).order_by("created_at")


# --- how many, day by day ------------------------------------------------------------------------


def count_steps_by_day(
    start: date,
    end: date,
    now: datetime,
    *,
    expect: ProgressCallback = _ignore_progress,
    progress: ProgressCallback = _ignore_progress,
) -> Counter[tuple[date, Step]]:
    """How many accounts each step would touch on each day from `start` to `end` (Paris dates), if
    nobody logs in, mails are accepted at once and runs have no cap. The database groups accounts by
    date: the cost grows with the days, not with the accounts. Leaves out accounts that a hold, a
    request or a rule keeps; the brakes of `now` stay in force. `expect` receives the number of
    groups, `progress` 1 for each.
    """
    rules = config.get_rules()
    known = brakes.find_brakes(now, now)
    found: Counter[tuple[date, Step]] = Counter()
    if querysets.is_everything_held() or known.off:
        return found
    groups = list(_group_facts(end, now, rules, known.silence.other_ids))
    expect(len(groups))
    for facts, number in groups:
        stopped = known.find_stopped_steps(idle=facts.status in IDLE_STATUSES)
        days = forecast_steps(
            facts, start, rules, open_on=config.get_office_days(), stopped=stopped
        )
        for coming in takewhile(lambda coming: coming[0] <= end, days):
            found[coming] += number
        progress(1)
    return found


def _group_facts(
    end: date, now: datetime, rules: LifecycleRules, unheard: tuple[int, ...]
) -> Iterator[tuple[AccountFacts, int]]:
    """`unheard`: ids of silent platforms; accounts that they judge are left out."""
    free = ~querysets.is_held() & ~querysets.has_open_request()
    people = User.objects.filter(free, querysets.is_not_last_superuser())
    back_office = people.filter(is_staff=True).exclude(querysets.has_access())
    before = end_of_paris_day(latest_idle_anchor(end + timedelta(days=1), rules))
    idle = people.filter(status=Status.ACTIVE, clock_from__lt=before).exclude(
        pk__in=back_office.filter(status=Status.ACTIVE).values("pk")
    )
    idle = idle.filter(~is_judged_by(unheard)) if unheard else idle
    for day, number in _count_by_day(idle.filter(~querysets.has_open_case()), "clock_from"):
        yield _build_active_facts(day), number
    agents = back_office.filter(status=Status.ACTIVE, clock_from__lt=end_of_paris_day(end))
    for day, number in _count_by_day(agents, "clock_from"):
        yield _build_active_facts(day, back_office=True), number
    yield from _group_case_facts(now, unheard)
    unread = list(_select_acts_without_case(now).filter(free))
    yield from ((facts, 1) for facts in gather_facts(unread, now).values())
    reminded = Exists(Reminder.objects.filter(user=OuterRef("pk")))
    pending = people.filter(status=Status.PENDING)
    for is_reminded, group in ((True, reminded), (False, ~reminded)):
        for day, number in _count_by_day(pending.filter(group), "created_at"):
            moment = start_of_paris_day(day)
            yield AccountFacts(Status.PENDING, moment, moment, reminded=is_reminded), number


def _group_case_facts(
    now: datetime, unheard: tuple[int, ...]
) -> Iterator[tuple[AccountFacts, int]]:
    """Open cases grouped by state and deadline; a queued mail counts as accepted today."""
    cases = (
        LifecycleCase.objects.open()
        .filter(deletion_letter_on__isnull=True)
        .filter(~querysets.is_held("user"), ~querysets.has_open_request("user"))
        .order_by()
    )
    if unheard:
        cases = cases.exclude(Q(cause=CaseCause.INACTIVITY) & is_judged_by(unheard, "user"))
    long_ago = now - timedelta(days=3000)
    grouped = cases.values_list("state", "due_at", "cause").annotate(number=Count("pk"))
    for state, due, cause, number in grouped:
        if state in (CaseState.NOTICE_QUEUED, CaseState.NOTIFIED):
            case = CaseFacts(state, paris_date(long_ago), due)
            yield AccountFacts(Status.ACTIVE, long_ago, long_ago, case=case), number
        else:
            status = querysets.LEAVING_STATUS[CaseCause(cause)]
            yield AccountFacts(status, long_ago, long_ago, revivable_until=due), number


def _count_by_day(people: QuerySet[User], field: str) -> Iterable[tuple[date, int]]:
    days: QuerySet[User, Any] = (
        people.order_by().values_list(TruncDate(field, tzinfo=PARIS)).annotate(number=Count("pk"))
    )
    yield from days


def _build_active_facts(day: date, *, back_office: bool = False) -> AccountFacts:
    moment = start_of_paris_day(day)
    return AccountFacts(Status.ACTIVE, moment, moment, back_office=back_office)


def count_upcoming_deletions(now: datetime, days: int = 60) -> list[tuple[date, int]]:
    """How many accounts would be deleted on each of the coming days, today included."""
    today = paris_date(now)
    found = count_steps_by_day(today, today + timedelta(days=days - 1), now)
    coming = [today + timedelta(days=offset) for offset in range(days)]
    return [(day, found[day, Step.DELETE] + found[day, Step.PURGE]) for day in coming]
