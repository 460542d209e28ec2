"""Each queue has a process that reads it, wherever the portal runs; what is slow waits apart."""

import errno
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from mgestion import slots
from mgestion.celery import app
from mgestion.jobs.scheduled import TICK_LIFE, Queue, build_beat_schedule, build_task_routes
from mgestion.launch.__main__ import build_worker_commands
from mgestion.launch.beat import BeatScheduler

ROOT = Path(__file__).resolve().parents[2]
EVERY = {queue.value for queue in Queue}


def read_by(command: list[str]) -> set[str]:
    """The queues that a worker of this command line reads; all of them without `-Q`."""
    if "-Q" not in command:
        return EVERY
    return set(command[command.index("-Q") + 1].split(","))


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("mgestion.outbox.tasks.deliver_mails", Queue.MAIL),
        ("accounts.cas.tasks.deliver_single_logouts", Queue.PLATFORMS),
        ("accounts.entry.tasks.settle_posted_requests", Queue.JOBS),
        ("mgestion.jobs.tasks.record_heartbeat", Queue.JOBS),
    ],
)
def test_a_tick_goes_to_its_queue(task: str, queue: Queue) -> None:
    route = app.amqp.router.route({}, task)
    assert (route["queue"].name, route["queue"].routing_key) == (queue, queue)


def test_a_worker_that_is_told_nothing_reads_every_queue() -> None:
    assert set(app.amqp.queues) == EVERY
    assert set(app.conf.task_routes) == set(build_task_routes())
    assert {route["queue"] for route in build_task_routes().values()} == EVERY


def test_mails_and_platforms_have_processes_of_their_own_in_the_embedded_way(
    tmp_path: Path,
) -> None:
    read = [read_by(command) for command in build_worker_commands(tmp_path).values()]
    assert sorted(queue for queues in read for queue in queues) == sorted(EVERY)
    assert all(len(queues) == 1 for queues in read)
    assert sum("-B" in command for command in build_worker_commands(tmp_path).values()) == 1


def test_mails_and_platforms_have_services_of_their_own_in_the_compose_file() -> None:
    lines = (ROOT / "docker-compose.yml").read_text().splitlines()
    commands = [
        [word.strip(' "') for word in line.partition("[")[2].rstrip("]").split(",")]
        for line in lines
        if '"worker"' in line
    ]
    read = [read_by(command) for command in commands]
    assert sorted(queue for queues in read for queue in queues) == sorted(EVERY)
    assert all(len(queues) == 1 for queues in read)


def test_a_tick_outlives_every_sweep_of_seconds() -> None:
    longest = timedelta(
        seconds=max(10 + 2 * settings.EMAIL_TIMEOUT, settings.CAS_LOGOUT_SWEEP + 10)
    )
    assert longest < TICK_LIFE
    for entry in build_beat_schedule().values():
        expires = entry.get("options", {}).get("expires")
        assert expires is None or expires >= TICK_LIFE.total_seconds()


def test_what_a_person_waits_for_is_looked_for_every_two_seconds() -> None:
    periods = {name: job.every for name, job in slots.jobs.items()}
    assert periods["outbox.deliver"] == periods["entry.settle"] == timedelta(seconds=2)


def test_beat_goes_on_where_its_schedule_cannot_be_saved(caplog: pytest.LogCaptureFixture) -> None:
    class FullStore:
        def sync(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    scheduler: Any = BeatScheduler(app, lazy=True)
    scheduler._store = FullStore()  # noqa: SLF001
    scheduler.sync()
    assert "cannot be saved" in caplog.text
    assert app.conf.beat_scheduler == "mgestion.launch.beat:BeatScheduler"
