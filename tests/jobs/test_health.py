"""Alive, ready, and how much."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import DatabaseError
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from whitenoise.storage import CompressedManifestStaticFilesStorage

from mgestion import slots, storage
from mgestion.jobs import health
from mgestion.jobs.models import JobRun
from mgestion.outbox.models import Mail
from tests.outbox.kinds import put, register

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 17, 3, 0, tzinfo=UTC)
_READINESS = slots.readiness.items()


@pytest.fixture(autouse=True)
def _at_three() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _only_the_toolbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """What higher rooms ask for is theirs to prove."""
    monkeypatch.setattr(slots.readiness, "_entries", {})
    monkeypatch.setattr(slots.alarms, "_entries", {"outbox": slots.alarms["outbox"]})


@pytest.fixture(autouse=True)
def _jobs_on_time(db: None) -> None:
    done = JobRun.Outcome.DONE
    JobRun.objects.bulk_create(
        JobRun(job=job, slot="latest", started_at=NOW, finished_at=NOW, outcome=done)
        for job in slots.jobs
    )
    register()


def problems(client: Client) -> dict[str, str]:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    return {problem["check"]: problem["text"] for problem in response.json()["problems"]}


def test_healthz_asks_nothing_of_the_database(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


def alarms() -> dict[str, str]:
    return {problem.check: problem.text for problem in health.find_alarms(NOW)}


@pytest.mark.both
def test_what_is_late_is_an_alarm_of_its_own_and_the_portal_serves(client: Client) -> None:
    mail = put(now=NOW)
    assert alarms() == {}
    late = NOW - timedelta(minutes=4)
    JobRun.objects.filter(job="jobs.beat").update(finished_at=late)
    assert list(alarms()) == ["jobs"]
    assert "jobs.beat" in alarms()["jobs"]
    assert client.get("/readyz").json() == {"status": "ready"}, "an alarm is no reason to leave"
    lines = client.get("/metrics").content.decode().splitlines()
    for name, value in (("outbox", 0.0), ("jobs", 1.0)):
        assert f'mgestion_alarm{{check="{name}"}} {value}' in lines
    JobRun.objects.filter(job="jobs.beat").update(finished_at=NOW)
    Mail.objects.filter(pk=mail.pk).update(next_at=NOW - timedelta(minutes=11))
    assert list(alarms()) == ["outbox"]
    assert "due since" in alarms()["outbox"]
    Mail.objects.filter(pk=mail.pk).update(next_at=NOW + timedelta(minutes=1), attempts=3)
    assert alarms() == {}, "waiting for its next try is not late"


def test_without_collected_files_it_is_not_ready(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    bare = CompressedManifestStaticFilesStorage()
    monkeypatch.setattr(storage, "staticfiles_storage", bare)
    assert storage.check_static_files(NOW)[0] is False
    monkeypatch.setattr(bare, "hashed_files", {"img/mark.svg": "img/mark.0a1b.svg"})
    assert storage.check_static_files(NOW) == (True, "collected")
    assert dict(_READINESS)["static"] is storage.check_static_files


def test_a_data_folder_that_takes_no_files_makes_it_not_ready(
    settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    assert storage.check_data_folder(NOW) == (True, "writable")
    settings.DATA_DIR = tmp_path / "gone"
    assert storage.check_data_folder(NOW)[0] is False
    assert dict(_READINESS)["storage"] is storage.check_data_folder


def test_a_database_that_does_not_answer_is_said_without_details(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> list[str]:
        raise DatabaseError("password of the server")

    monkeypatch.setattr(health._MigrationCheck, "missing", gone)  # noqa: SLF001
    assert problems(client) == {"database": "does not answer"}


def test_a_missing_migration_makes_it_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health._MigrationCheck, "missing", lambda: ["outbox.0009"])  # noqa: SLF001
    assert problems(client) == {"migrations": "not applied: outbox.0009"}


@pytest.mark.both
def test_migrations_are_looked_up_until_they_are_applied_and_not_after(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health._MigrationCheck, "applied", False)  # noqa: SLF001
    assert health._MigrationCheck.missing() == []  # noqa: SLF001
    with django_assert_num_queries(0):
        assert health._MigrationCheck.missing() == []  # noqa: SLF001


def test_a_check_that_breaks_is_a_problem_and_not_a_500(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(now: datetime) -> tuple[bool, str]:
        raise KeyError("x")

    monkeypatch.setitem(slots.readiness._entries, "tests", breaks)  # noqa: SLF001
    assert problems(client) == {"tests": "the check failed"}


def test_metrics_are_for_this_machine_or_for_the_token(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "t" * 32
    away = Client(REMOTE_ADDR="192.0.2.7")
    assert away.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 404
    token = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    assert away.get("/metrics", headers=token).status_code == 200
    assert away.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = ""
    assert away.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.both
def test_readiness_asks_the_database_one_thing(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/readyz")
    with django_assert_num_queries(1):
        client.get("/readyz")
