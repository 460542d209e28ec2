"""Scheduled work: once a slot, remembered, monitored."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from mgestion import slots
from mgestion.celery import app as celery_app
from mgestion.jobs import flows, health
from mgestion.jobs.models import JobRun
from mgestion.jobs.scheduled import ClockTime, ScheduledJob, build_beat_schedule

NOW = datetime(2026, 3, 17, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of the monotonic clock, which stands still unless a test moves it."""
    seconds = [1000.0]
    monkeypatch.setattr(flows, "time", SimpleNamespace(monotonic=lambda: seconds[0]))
    return seconds


def fails() -> Mapping[str, int]:
    raise OSError("disk full\nFORGED")


@pytest.mark.django_db
def test_a_failure_is_kept_without_what_may_be_somebodys() -> None:
    def quote_somebody() -> None:
        raise ValueError("bad address 'lea@example.org'\nKey (email)=(lea@example.org) exists")

    with pytest.raises(ValueError, match="bad"):
        flows.run_sweep("tests.sweep", NOW, quote_somebody)
    assert JobRun.objects.get().error == "ValueError: bad address ***"


@pytest.mark.both
@pytest.mark.django_db
def test_a_second_beat_in_the_same_slot_does_nothing() -> None:
    ran: list[str] = []

    def work() -> dict[str, int]:
        ran.append("x")
        return {"rows": 3}

    first = flows.run_in_slot("tests.purge", "2026-03-17", NOW, work)
    assert flows.run_in_slot("tests.purge", "2026-03-17", NOW, work) is None
    assert flows.run_in_slot("tests.purge", "2026-03-18", NOW, work) is not None
    assert len(ran) == 2
    assert first is not None
    assert (first.outcome, first.counts) == (JobRun.Outcome.DONE, {"rows": 3})


@pytest.mark.both
@pytest.mark.django_db
def test_a_failure_is_recorded_raised_and_its_slot_taken_over() -> None:
    with pytest.raises(OSError, match="disk full"):
        flows.run_in_slot("tests.purge", "d", NOW, fails)
    run = JobRun.objects.get()
    assert (run.outcome, run.error) == (JobRun.Outcome.FAILED, "OSError: disk full")
    assert flows.find_last_successes() == {}
    again = flows.run_in_slot("tests.purge", "d", NOW + timedelta(hours=1), lambda: None)
    assert again is not None
    assert flows.find_last_successes() == {"tests.purge": NOW + timedelta(hours=1)}


@pytest.mark.both
@pytest.mark.django_db
def test_a_run_that_died_with_its_worker_is_taken_over_after_an_hour() -> None:
    JobRun.objects.create(job="tests.purge", slot="d", started_at=NOW)
    soon, later = NOW + timedelta(minutes=59), NOW + timedelta(minutes=60)
    assert flows.run_in_slot("tests.purge", "d", soon, lambda: None) is None
    assert flows.run_in_slot("tests.purge", "d", later, lambda: None) is not None
    assert JobRun.objects.count() == 1


@pytest.mark.django_db
def test_a_run_ends_when_its_work_ends_well_or_not(clock: list[float]) -> None:
    def long() -> dict[str, int]:
        clock[0] += 90
        return {}

    def long_and_fails() -> dict[str, int]:
        clock[0] += 90
        raise OSError("gone")

    ended = NOW + timedelta(seconds=90)
    done = flows.run_in_slot("tests.purge", "d", NOW, long)
    assert done is not None
    assert (done.started_at, done.finished_at) == (NOW, ended)
    with pytest.raises(OSError, match="gone"):
        flows.run_in_slot("tests.purge", "e", NOW, long_and_fails)
    assert JobRun.objects.get(slot="e").finished_at == ended
    assert flows.run_sweep("tests.sweep", NOW, long).finished_at == ended
    with pytest.raises(OSError, match="gone"):
        flows.run_sweep("tests.sweep", NOW, long_and_fails)
    assert JobRun.objects.get(slot=flows.LATEST_FAILURE_SLOT).finished_at == ended


@pytest.mark.both
@pytest.mark.django_db
def test_a_sweep_keeps_its_latest_success_beside_its_latest_failure() -> None:
    for minute in range(3):
        flows.run_sweep("tests.sweep", NOW + timedelta(minutes=minute), lambda: {"sent": 1})
    with pytest.raises(OSError, match="disk full"):
        flows.run_sweep("tests.sweep", NOW + timedelta(minutes=3), fails)
    assert JobRun.objects.count() == 2
    assert flows.find_last_successes() == {"tests.sweep": NOW + timedelta(minutes=2)}
    assert JobRun.objects.get(slot="latest-failure").error.startswith("OSError")


@pytest.mark.both
@pytest.mark.django_db
def test_runs_are_forgotten_after_ninety_days() -> None:
    for days in (89, 91):
        at = NOW - timedelta(days=days)
        JobRun.objects.create(job="tests.purge", slot=str(days), started_at=at)
    assert flows.purge_runs(NOW) == {"runs": 1}


def test_a_job_has_a_period_or_an_hour_and_only_one_of_them() -> None:
    for wrong in ({}, {"every": timedelta(1), "at": ClockTime(minute="5")}):
        with pytest.raises(ValueError, match="one of them"):
            ScheduledJob(task="y", label="Y", late_after=timedelta(1), **wrong)  # type: ignore[arg-type]


def test_every_task_of_a_schedule_exists() -> None:
    celery_app.loader.import_default_modules()
    assert {job.task for job in slots.jobs.values()} <= set(celery_app.tasks)


def test_beat_ticks_every_declared_job() -> None:
    assert celery_app.conf.beat_schedule == build_beat_schedule()
    assert set(build_beat_schedule()) == set(slots.jobs)
    assert {"outbox.deliver", "jobs.beat", "journal.purge"} <= set(build_beat_schedule())


@pytest.mark.django_db
def test_each_scheduled_job_is_monitored(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every other job on time, one alone makes the portal not ready."""
    monkeypatch.setattr(health, "_find_last_migration", lambda: None)
    done = JobRun.Outcome.DONE
    JobRun.objects.bulk_create(
        JobRun(job=name, slot="s", started_at=NOW, finished_at=NOW, outcome=done)
        for name in slots.jobs
    )
    for name, scheduled in slots.jobs.items():
        late = NOW - scheduled.late_after - timedelta(seconds=1)
        monkeypatch.setattr(health, "_process_started", late)
        run = JobRun.objects.filter(job=name)
        run.update(started_at=late, finished_at=late)
        is_well, text = health.check_late_jobs(NOW)
        assert not is_well, name
        assert f"{name} (" in text
        assert text.count("last success") == 1, text
        assert health.check_late_jobs(late + scheduled.late_after)[0], name
        run.update(started_at=NOW, finished_at=NOW)


@pytest.mark.django_db
def test_a_job_that_never_ran_has_its_time_from_the_deployment_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "_process_started", NOW)
    monkeypatch.setattr(health, "_find_last_migration", lambda: NOW - timedelta(days=3))
    assert health.check_late_jobs(NOW + timedelta(minutes=2))[0]
    is_well, text = health.check_late_jobs(NOW + timedelta(minutes=4))
    assert not is_well
    assert "jobs.beat (last success: never)" in text
