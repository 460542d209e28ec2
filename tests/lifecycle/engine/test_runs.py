"""What a run says of itself."""

import time
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from lifecycle.engine import run as runs
from lifecycle.engine.steps import take_step
from lifecycle.enums import RunOutcome
from lifecycle.models import LifecycleRun
from tests.lifecycle.people import sleeper
from tests.lifecycle.world import at, sweep

pytestmark = [pytest.mark.django_db, pytest.mark.both]
NOW = at("2026-06-10 10:00")


def test_a_run_says_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper()

    def slowly(*given: object) -> None:
        time.sleep(0.05)
        take_step(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(runs, "take_step", slowly)
    done = sweep(NOW)
    assert done is not None and done.finished_at is not None
    assert done.started_at == NOW
    assert timedelta(seconds=0.05) <= done.finished_at - NOW < timedelta(minutes=2)


def running(started: datetime) -> LifecycleRun:
    return LifecycleRun.objects.create(started_at=started, trigger="beat")


def outcome_of(row: LifecycleRun) -> tuple[str, str]:
    row.refresh_from_db()
    return row.outcome, row.text


def test_a_killed_run_is_closed_by_the_next_one_once_its_lease_is_over() -> None:
    killed = running(NOW)
    sweep(NOW + timedelta(minutes=59))  # it may be at work still
    assert outcome_of(killed) == (RunOutcome.RUNNING, "")
    sweep(NOW + timedelta(minutes=60))
    assert outcome_of(killed) == (RunOutcome.FAILED, "interrompue")
    assert killed.finished_at is None  # nobody knows


def test_a_killed_run_is_closed_also_while_the_lifecycle_is_switched_off(
    settings: Settings,
) -> None:
    settings.LIFECYCLE_ENABLED = False
    killed = running(NOW)
    sweep(NOW + timedelta(hours=2))
    assert outcome_of(killed) == (RunOutcome.FAILED, "interrompue")


def test_a_run_that_is_alive_after_its_lease_writes_its_own_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sleeper()
    seen: list[str] = []

    def beside_another_run(*given: object) -> None:
        monkeypatch.setattr(runs, "take_step", take_step)
        sweep(NOW + timedelta(hours=2))
        seen.extend(LifecycleRun.objects.filter(started_at=NOW).values_list("text", flat=True))
        take_step(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(runs, "take_step", beside_another_run)
    done = sweep(NOW)
    assert seen == ["interrompue"]
    assert done is not None
    assert outcome_of(done) == (RunOutcome.DONE, "")
