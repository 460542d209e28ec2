"""When an account is warned, deactivated and deleted: pure rules over Paris dates.

No clock and no database here. Moments are aware datetimes, days are Paris dates. Plan, run,
simulation and « explain » all ask `next_step`.
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
    """The delays, all settings (LIFECYCLE_RULES). Days are calendar days; `letter_days`: from the
    posting of a letter to its presumed reception.
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
    """What the policy reads of an account. Moments are aware."""

    status: str
    clock_from: datetime
    created_at: datetime
    revivable_until: datetime | None = None
    case: CaseFacts | None = None
    held: bool = False
    open_request: bool = False
    back_office: bool = False  # staff without any access
    last_superuser: bool = False
    reminded: bool = False
    by_letter: bool = False  # a letter, not a mail, has announced the deletion
    living_link: bool = False  # a sign-up link that still works


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next step of an account. `from_day`: its first Paris date, None without a date; `due`:
    that date has come and nothing stops the step.
    """

    step: Step | None
    why: StepReason
    from_day: date | None = None
    due: bool = False


def last_day(accepted: date, days: int = 15) -> date:
    """The last of `days` full days after the day of the act, day 0 (D18)."""
    return accepted + timedelta(days=days)


def binding_last_day(announced: date | None, accepted_at: datetime, days: int = 15) -> date:
    """The last day that binds the portal: not before the day printed in the mail, and at least
    `days` full days after its acceptance, even when the mail was rendered before midnight.
    """
    earned = last_day(paris_date(accepted_at), days)
    return max(announced, earned) if announced else earned


def letter_notifies_on(posted: date, rules: LifecycleRules) -> date:
    """The day on which a letter posted on `posted` counts as received (Paris dates)."""
    return posted + timedelta(days=rules.letter_days)


def letter_last_day(posted: date, days: int, rules: LifecycleRules) -> date:
    """The last of `days` full days after the presumed reception of a letter (D71)."""
    return last_day(letter_notifies_on(posted, rules), days)


def idle_day(clock_from: datetime, rules: LifecycleRules) -> date:
    """The last day of the 24 calendar months; the notice leaves from the next day."""
    return add_months(paris_date(clock_from), rules.idle_months)


def latest_idle_anchor(today: date, rules: LifecycleRules) -> date:
    """The latest day of last activity whose notice is due on `today`: the inverse of `idle_day`,
    for an indexed comparison. For 1 March 2026 it is 29 February 2024, not the 28th: for both, the
    24 months end on 28 February 2026.
    """
    end = today - _DAY
    anchor = add_months(end, -rules.idle_months)
    while add_months(anchor + _DAY, rules.idle_months) <= end:
        anchor += _DAY
    return anchor


def next_step(facts: AccountFacts, now: datetime, rules: LifecycleRules) -> NextStep:
    """The next step of this account, and whether it is due at `now`. ValueError for an unknown
    status.
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
    """What stops a step whatever the date."""
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
    if case is None or case.anchor < anchor:  # active again since the case was opened
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
    """The coming steps of an account from `start` (Paris date), if nobody logs in and each mail is
    accepted at once. Steps that send a mail happen on the weekdays `open_on` (Monday is 0). Ends at
    a step that a hold or a request keeps, or that is in `stopped`.
    """
    day = start
    while True:
        coming = next_step(facts, end_of_paris_day(day) - timedelta(hours=1), rules)
        step = coming.step
        if step is None or (not coming.due and coming.from_day is None):
            if step is None or coming.why != StepReason.AWAITING_MAIL:
                return
            facts = _accept_mail(facts, day, rules)  # the queued mail counts as accepted today
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
    """The facts once the mail server has accepted the awaited mail on `day`."""
    if facts.status == Status.ACTIVE and facts.case is not None:
        due = end_of_paris_day(last_day(day, rules.notice_days))
        return replace(facts, case=replace(facts.case, state=CaseState.NOTIFIED, due_at=due))
    return replace(facts, revivable_until=end_of_paris_day(last_day(day, rules.grace_days)))
