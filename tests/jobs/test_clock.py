"""A worker whose clock is wrong does no job, says so, and goes on once it is right."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from mgestion.database import clock
from mgestion.jobs.decorators import Task, daily_task, sweep_task
from mgestion.jobs.models import JobRun

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture(autouse=True)
def tolerance(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.CLOCK_TOLERANCE = timedelta(seconds=30)
    monkeypatch.setattr(clock._LastMeasure, "at", None)  # noqa: SLF001
    yield
    clock._LastMeasure.at = None  # noqa: SLF001  # nothing of it serves the next test


@pytest.mark.parametrize(
    ("theirs", "skew"), [(100.0, 0), (103.0, 0), (106.0, 0), (106.5, 0.5), (97.0, -3)]
)
def test_what_the_question_took_is_no_skew(theirs: float, skew: float) -> None:
    assert clock.compute_skew(100.0, theirs, 106.0) == skew


@pytest.mark.postgres
@pytest.mark.parametrize("minutes", [-5, 5])
def test_postgresql_says_how_far_this_clock_is(minutes: int) -> None:
    assert clock.measure_clock_skew() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        assert clock.measure_clock_skew() == pytest.approx(-60 * minutes, abs=30)


@pytest.mark.parametrize("kind", [sweep_task, daily_task])
@pytest.mark.parametrize("skew", [-31.0, 31.0])
def test_a_worker_with_a_wrong_clock_does_no_job(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    kind: Callable[[str], Callable[..., Task]],
    skew: float,
) -> None:
    done: list[datetime] = []

    def work(now: datetime) -> Mapping[str, int]:
        done.append(now)
        return {"rows": 1}

    work.__name__ = f"work_{kind.__name__}_{skew}"  # Celery knows tasks by name, for good
    task = kind("tests.clock")(work)
    monkeypatch.setattr(clock, "measure_clock_skew", lambda: skew)
    for _ in range(2):
        with pytest.raises(clock.WrongClock):
            task()
    assert caplog.text.count("No job is done") == 1, "not for each task"
    run = JobRun.objects.get(job="tests.clock")
    assert not done and run.outcome == JobRun.Outcome.FAILED
    assert f"{-skew:+.0f} s from the database's" in run.error
    monkeypatch.setattr(clock, "measure_clock_skew", lambda: 29.0)
    monkeypatch.setattr(clock._LastMeasure, "at", None)  # noqa: SLF001  # some seconds later
    task()
    assert len(done) == 1
