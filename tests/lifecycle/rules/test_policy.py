"""The calendar by itself: facts in, the next step out. No database, no clock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from accounts.people.enums import Status
from lifecycle.enums import CaseState, Step, StepReason
from lifecycle.rules.policy import (
    AccountFacts,
    CaseFacts,
    LifecycleRules,
    NextStep,
    binding_last_day,
    last_day,
    next_step,
)
from mgestion.text.dates import end_of_paris_day
from tests.lifecycle.world import at

RULES = LifecycleRules()
SINCE = at("2024-03-10 12:00")
IDLE = AccountFacts(Status.ACTIVE, SINCE, SINCE)
NOTIFIED = replace(
    IDLE,
    case=CaseFacts(CaseState.NOTIFIED, date(2024, 3, 10), end_of_paris_day(date(2026, 3, 26))),
)
DEACTIVATED = AccountFacts(
    Status.DEACTIVATED_INACTIVE, SINCE, SINCE, revivable_until=end_of_paris_day(date(2026, 4, 11))
)
PENDING = AccountFacts(Status.PENDING, SINCE, SINCE, reminded=True)


def on(day: date) -> datetime:
    """Noon in Paris."""
    return at(f"{day} 12:00")


@pytest.mark.req("L7", "L2", "L3", "L4", "D17", "D18")
@pytest.mark.parametrize(
    ("facts", "step", "first"),
    [
        (IDLE, Step.NOTICE, date(2026, 3, 11)),
        *(
            (replace(IDLE, clock_from=at(since)), Step.NOTICE, first)
            for since, first in (
                ("2024-02-29", date(2026, 3, 1)),  # 29 February ends on 28 February
                ("2022-02-28", date(2024, 2, 29)),  # to a leap year
                ("2024-01-15", date(2026, 1, 16)),  # never 730 days: a leap day lies within
                ("2024-03-11 00:30", date(2026, 3, 12)),  # the day before in UTC
            )
        ),
        (NOTIFIED, Step.DEACTIVATE, date(2026, 3, 27)),
        (DEACTIVATED, Step.DELETE, date(2026, 4, 12)),
        (replace(PENDING, reminded=False), Step.REMIND, date(2024, 3, 13)),
        (PENDING, Step.PURGE, date(2024, 4, 10)),
        (replace(IDLE, back_office=True), Step.DISABLE, date(2024, 6, 9)),
    ],
    ids=lambda value: str(value) if isinstance(value, Step) else "",
)
def test_a_step_is_due_from_its_first_day_and_not_on_the_day_before(
    facts: AccountFacts, step: Step, first: date
) -> None:
    early = next_step(facts, on(first - timedelta(days=1)), RULES)
    assert (early.step, early.from_day, early.due) == (step, first, False)
    assert next_step(facts, on(first), RULES).due


@pytest.mark.req("D51", "D24")
@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (lambda facts: replace(facts, held=True), StepReason.HELD),
        (lambda facts: replace(facts, last_superuser=True), StepReason.LAST_SUPERUSER),
        (lambda facts: replace(facts, open_request=True), StepReason.OPEN_REQUEST),
    ],
)
@pytest.mark.parametrize("facts", [IDLE, NOTIFIED, DEACTIVATED], ids=["notice", "leave", "delete"])
def test_what_keeps_a_step_keeps_it_whatever_the_date(
    facts: AccountFacts, kept: Callable[[AccountFacts], AccountFacts], why: StepReason
) -> None:
    coming = next_step(kept(facts), on(date(2030, 1, 1)), RULES)
    assert (coming.why, coming.due) == (why, False)


@pytest.mark.req("L3", "R96")
def test_activity_after_the_notice_starts_the_months_again() -> None:
    back = replace(NOTIFIED, clock_from=at("2026-03-20 09:00"))
    coming = next_step(back, on(date(2026, 3, 27)), RULES)
    assert coming == NextStep(Step.NOTICE, StepReason.IDLE, date(2028, 3, 21))


@pytest.mark.req("D20", "L1")
def test_nothing_runs_out_before_the_mail_is_accepted() -> None:
    waiting = replace(IDLE, case=CaseFacts(CaseState.NOTICE_QUEUED, date(2024, 3, 10)))
    for facts in (waiting, replace(DEACTIVATED, revivable_until=None)):
        coming = next_step(facts, on(date(2030, 1, 1)), RULES)
        assert (coming.why, coming.from_day, coming.due) == (StepReason.AWAITING_MAIL, None, False)


@pytest.mark.req("D18", "D20", "L1")
def test_fifteen_full_days_after_the_later_of_print_and_acceptance() -> None:
    assert last_day(date(2026, 3, 11)) == date(2026, 3, 26)
    late = at("2026-03-12 00:05")  # printed before midnight, accepted after
    assert binding_last_day(date(2026, 3, 26), late) == date(2026, 3, 27)
    assert binding_last_day(date(2026, 3, 30), late) == date(2026, 3, 30)
    assert binding_last_day(None, late) == date(2026, 3, 27)
    assert binding_last_day(None, at("2026-03-20 10:00")) == date(2026, 4, 4)  # to summer time
