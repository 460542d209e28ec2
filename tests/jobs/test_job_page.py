"""Staff and operators see what ran and what failed, and have a job run."""

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.module_loading import import_string

from accounts.habilitations.enums import StaffRole
from mgestion import slots
from mgestion.jobs import tasks
from mgestion.jobs.flows import run_in_slot, run_sweep
from mgestion.jobs.models import JobRun, JobTotal
from mgestion.journal.models import Entry
from mgestion.operations.job_lines import list_jobs
from tests.factories.habilitations import make_staff
from tests.factories.people import client_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 17, 3, 0, tzinfo=UTC)
PAGE = "admin:jobs_jobrun_changelist"


@pytest.fixture(autouse=True)
def _at_three() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def fails() -> None:
    raise OSError("the disk is full")


def page_of(role: StaffRole) -> tuple[Any, str]:
    client = client_of(make_staff(role))
    return client, client.get(reverse(PAGE)).content.decode()


def test_every_job_has_a_french_name_of_its_own() -> None:
    labels = [job.label for _, job in slots.jobs.items()]
    assert all(labels) and len(set(labels)) == len(labels)


def test_each_job_can_be_run_once_more() -> None:
    for name, job in slots.jobs.items():
        task: Any = import_string(job.task)
        assert list(inspect.signature(task.run).parameters) == ["again"], name


def test_the_page_tells_late_failing_and_never_run_jobs_apart() -> None:
    run_sweep("outbox.deliver", NOW - timedelta(hours=2), lambda: {"sent": 3})
    run_sweep("entry.settle", NOW, lambda: {"settled": 1})
    with pytest.raises(OSError, match="disk"):
        run_in_slot("jobs.purge", "2026-03-17", NOW, fails)
    lines = {line.name: line for line in list_jobs(NOW)}
    assert lines["outbox.deliver"].is_late and not lines["entry.settle"].is_late
    assert lines["jobs.purge"].has_failed and lines["cas.purge"].latest is None
    _, body = page_of(StaffRole.AUDITOR)
    for words in ("en retard", "à jour", "en échec", "jamais exécutée", "the disk is full"):
        assert words in body
    assert "Exécuter" not in body  # who audits only looks


def test_a_national_administrator_has_a_job_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(current_app, "send_task", lambda task, kwargs: sent.append((task, kwargs)))
    client, body = page_of(StaffRole.NATIONAL)
    url = reverse("admin:jobs_job_run", args=["outbox.purge"])
    assert url in body
    assert "Purge des e-mails" in client.get(url).content.decode()
    assert JobTotal.objects.filter(job="outbox.purge").first() is None  # a GET asks for nothing
    assert "Demande enregistrée" in client.post(url, follow=True).content.decode()
    assert "attend déjà son exécution" in client.post(url, follow=True).content.decode()
    entry = Entry.objects.get(act="job.asked")
    assert (entry.object_type, entry.object_id) == ("job", "outbox.purge")
    tasks.record_heartbeat()
    tasks.record_heartbeat()
    assert sent == [(slots.jobs["outbox.purge"].task, {"again": " 03:00:00"})]


def test_who_may_not_run_jobs_is_refused_and_an_unknown_job_is_not_found() -> None:
    known = reverse("admin:jobs_job_run", args=["outbox.purge"])
    assert client_of(make_staff(StaffRole.AUDITOR)).post(known).status_code == 403
    unknown = reverse("admin:jobs_job_run", args=["no.such"])
    assert client_of(make_staff(StaffRole.NATIONAL)).post(unknown).status_code == 404


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("jobs", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_lists_and_runs_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "jamais" in run()
    assert run("run", "jobs.purge").startswith("jobs.purge: terminé")
    assert "done today already" in run("run", "jobs.purge")
    assert run("run", "jobs.purge", "--again").startswith("jobs.purge: terminé")
    assert JobRun.objects.filter(job="jobs.purge").count() == 2
    assert JobTotal.objects.get(job="jobs.purge").runs == 2
    assert Entry.objects.filter(act="job.asked", actor="command:jobs").count() == 3
    listed = next(line for line in run("list").splitlines() if " jobs.purge " in line)
    assert listed.startswith("à jour") and "2 exécutions, 0 échecs" in listed
    with pytest.raises(CommandError, match="No job is called 'jobs.purg'"):
        run("run", "jobs.purg")
    monkeypatch.setattr("mgestion.jobs.flows.purge_runs", lambda now: fails())
    with (
        time_machine.travel(NOW + timedelta(minutes=1), tick=False),
        pytest.raises(CommandError, match="jobs.purge failed: OSError: the disk is full"),
    ):
        run("run", "jobs.purge", "--again")
