"""When an account loses its place: pure rules over Paris dates (CGU 4.2.4, D17–D23, D40–D41, L).

No clock and no database here. Moments are aware datetimes, days are Paris dates. Plan, execution,
simulation and « explain » all ask `next_step`: they cannot disagree.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from accounts.people.enums import Status
from lifecycle.enums import CaseState, Step, StepReason
from mgestion.text.dates import add_months, end_of_paris_day, paris_date

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LifecycleRules:
    """The delays, all settings. `notice_days` and `grace_days` are calendar days (D18);
    `letter_days`: those after its posting on which a letter notifies (D71).
    """

    idle_months: int = 24
    notice_days: int = 15
    grace_days: int = 15
    pending_days: int = 30
    remind_days: int = 3
    letter_days: int = 5
    staff_idle_days: int = 90


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The open case of an account. `due_at`: the first moment of the next step, None while the
    mail that announces it is not accepted.
    """

    state: str
    anchor: date
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What the rules read of an account. Times are aware."""

    status: str
    clock_from: datetime
    created_at: datetime
    revivable_until: datetime | None = None
    case: CaseFacts | None = None
    held: bool = False
    open_request: bool = False
    back_office: bool = False  # staff without any access (D24)
    last_superuser: bool = False
    reminded: bool = False
    by_letter: bool = False  # a letter, not a mail, has announced the deletion
    living_link: bool = False  # a sign-up link that still works


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next step of an account. `from_day`: the first Paris date of the step, None when nothing
    is dated; `due`: whether that date has come and nothing keeps the step.
    """

    step: Step | None
    why: StepReason
    from_day: date | None = None
    due: bool = False


def last_day(accepted: date, days: int = 15) -> date:
    """The last of `days` full days after the day of the act, day 0 (D18, L1)."""
    return accepted + timedelta(days=days)


def binding_last_day(announced: date | None, accepted_at: datetime, days: int = 15) -> date:
    """The last day that binds us: never before the one that was printed, never less than `days`
    full days after the acceptance, even when the mail was rendered before midnight (D20, L1).
    """
    earned = last_day(paris_date(accepted_at), days)
    return max(announced, earned) if announced else earned


def letter_notifies_on(posted: date, rules: LifecycleRules) -> date:
    """The day on which a letter posted on `posted` counts as received (D71, Paris dates)."""
    return posted + timedelta(days=rules.letter_days)


def letter_last_day(posted: date, days: int, rules: LifecycleRules) -> date:
    """The last of `days` full days after a letter posted on `posted` has notified (D18, D71)."""
    return last_day(letter_notifies_on(posted, rules), days)


def idle_day(clock_from: datetime, rules: LifecycleRules) -> date:
    """The last day of the 24 calendar months (D17): the notice goes from the next day."""
    return add_months(paris_date(clock_from), rules.idle_months)


def latest_idle_anchor(today: date, rules: LifecycleRules) -> date:
    """The latest A whose notice is due today: A + 24 months, clamped, is before today.

    The inverse of `idle_day`, for an indexed comparison. On 1 March 2026 it is 29 February 2024,
    not the 28th: both end on 28 February 2026.
    """
    end = today - _DAY
    anchor = add_months(end, -rules.idle_months)
    while add_months(anchor + _DAY, rules.idle_months) <= end:
        anchor += _DAY
    return anchor


def next_step(facts: AccountFacts, now: datetime, rules: LifecycleRules) -> NextStep:
    """What comes next for this account, and whether it is due at `now`. Never raises for known
    statuses; ValueError for an unknown one.
    """
    planned = _plan_step(facts, now, rules)
    if planned.step is None:
        return planned
    kept = _find_obstacle(facts, planned.step)
    if kept is not None:
        return NextStep(planned.step, kept, planned.from_day)
    due = planned.from_day is not None and paris_date(now) >= planned.from_day
    return replace(planned, due=due)


def _find_obstacle(facts: AccountFacts, step: Step) -> StepReason | None:
    """What keeps a step from being done, whatever the date."""
    if facts.held:
        return StepReason.HELD
    if facts.last_superuser and step != Step.REMIND:
        return StepReason.LAST_SUPERUSER
    if facts.open_request and step in (Step.NOTICE, Step.DEACTIVATE, Step.DELETE):
        return StepReason.OPEN_REQUEST
    if facts.by_letter and step == Step.DELETE:
        return StepReason.LETTER
    if facts.living_link and step == Step.PURGE:
        return StepReason.LIVING_LINK
    return None


def _plan_step(facts: AccountFacts, now: datetime, rules: LifecycleRules) -> NextStep:
    match Status(facts.status):
        case Status.PENDING:
            return _plan_pending_step(facts, now, rules)
        case Status.ACTIVE:
            return _plan_active_step(facts, rules)
        case Status.SUSPENDED:
            return NextStep(None, StepReason.SUSPENDED)
        case _:
            if facts.revivable_until is None:
                return NextStep(Step.DELETE, StepReason.AWAITING_MAIL)
            return NextStep(
                Step.DELETE, StepReason.STILL_DEACTIVATED, paris_date(facts.revivable_until)
            )


def _plan_active_step(facts: AccountFacts, rules: LifecycleRules) -> NextStep:
    if facts.back_office:
        since = paris_date(facts.clock_from)
        return NextStep(
            Step.DISABLE, StepReason.STAFF_IDLE, since + timedelta(days=rules.staff_idle_days + 1)
        )
    case = facts.case
    anchor = paris_date(facts.clock_from)
    if case is None or case.anchor < anchor:  # activity has overtaken the case
        return NextStep(Step.NOTICE, StepReason.IDLE, idle_day(facts.clock_from, rules) + _DAY)
    if case.state == CaseState.NOTIFIED and case.due_at is not None:
        return NextStep(Step.DEACTIVATE, StepReason.UNANSWERED, paris_date(case.due_at))
    return NextStep(Step.DEACTIVATE, StepReason.AWAITING_MAIL)


def _plan_pending_step(facts: AccountFacts, now: datetime, rules: LifecycleRules) -> NextStep:
    created = paris_date(facts.created_at)
    purge = created + timedelta(days=rules.pending_days + 1)
    if not facts.reminded and paris_date(now) < purge:
        return NextStep(
            Step.REMIND, StepReason.NEVER_COMPLETED, created + timedelta(days=rules.remind_days)
        )
    return NextStep(Step.PURGE, StepReason.NEVER_COMPLETED, purge)


def forecast_steps(
    facts: AccountFacts,
    start: date,
    rules: LifecycleRules,
    *,
    open_on: tuple[int, ...] = tuple(range(7)),
    stopped: Collection[Step] = (),
) -> Iterator[tuple[date, Step]]:
    """The coming steps of an account if nobody logs in, each mail is accepted at once, and the
    sweep runs on every day of `start` and after whose weekday (Monday is 0) is in `open_on` for
    the steps that send a mail. Steps that are kept (hold, request), or `stopped` for everybody, are
    left out with what follows them.
    """
    day = start
    while True:
        coming = next_step(facts, end_of_paris_day(day) - timedelta(hours=1), rules)
        step = coming.step
        if step is None or (not coming.due and coming.from_day is None):
            if step is None or coming.why != StepReason.AWAITING_MAIL:
                return
            facts = _accept_mail(facts, day, rules)  # the mail that is on its way arrives today
            continue
        if _find_obstacle(facts, step) is not None or step in stopped or coming.from_day is None:
            return
        day = max(day, coming.from_day)
        if step in (Step.NOTICE, Step.DEACTIVATE):
            while day.weekday() not in open_on:
                day += _DAY
        yield day, step
        if step == Step.REMIND:
            facts = replace(facts, reminded=True)
        elif step == Step.NOTICE:
            case = CaseFacts(CaseState.NOTICE_QUEUED, paris_date(facts.clock_from))
            facts = _accept_mail(replace(facts, case=case), day, rules)
        elif step == Step.DEACTIVATE:
            facts = _accept_mail(
                replace(facts, status=Status.DEACTIVATED_INACTIVE, revivable_until=None),
                day,
                rules,
            )
        else:
            return


def _accept_mail(facts: AccountFacts, day: date, rules: LifecycleRules) -> AccountFacts:
    """The facts once the mail server has accepted, on `day`, the mail that is waited for."""
    if facts.status == Status.ACTIVE and facts.case is not None:
        due = end_of_paris_day(last_day(day, rules.notice_days))
        return replace(facts, case=replace(facts.case, state=CaseState.NOTIFIED, due_at=due))
    return replace(facts, revivable_until=end_of_paris_day(last_day(day, rules.grace_days)))
