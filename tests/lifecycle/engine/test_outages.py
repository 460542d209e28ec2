"""Redis lost, the database restarted, two beats: real servers, workers and beats. Afterwards each
account is where one undisturbed run puts it, since the state is in the database alone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from celery import Celery
from django.db import connection, connections
from redis import Redis as Client

from lifecycle.models import LifecycleRun
from lifecycle.tasks import run_lifecycle
from mgestion.jobs.models import JobRun
from mgestion.outbox.models import Mail, MailStatus
from tests.lifecycle.engine.test_faults import NOW, check, people, run_in_a_process
from tests.servers.errors import ServerMissing
from tests.servers.postgres import Postgres, postgres_server
from tests.servers.processes import ROOT, ChildProcess, free_port, wait_until
from tests.servers.redis import Redis, redis_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
SWEEP = str(run_lifecycle.name)
Portal = Callable[..., ChildProcess]


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    """Starts `celery …` on the test's database and a broker of its own."""
    running: list[ChildProcess] = []

    def start(url: str, *arguments: str) -> ChildProcess:
        log = tmp_path / f"celery-{len(running)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "tests.lifecycle.celery_app", *arguments],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={
                    **os.environ,
                    "MGESTION_MODE": "embedded",
                    "MGESTION_TESTING": "1",
                    "DATABASE_URL": address(),
                    "REDIS_URL": url,
                    "DATA_DIR": str(tmp_path),
                    "TEST_NOW": NOW.isoformat(),
                },
            )
        running.append(ChildProcess(process, log))
        return running[-1]

    yield start
    for child in running:
        child.kill()


def address() -> str:
    """The suite's server, this test's database."""
    server, _, options = os.environ["DATABASE_URL"].partition("?")
    name = str(connection.settings_dict["NAME"])
    return f"{server.rpartition('/')[0]}/{name}?{options}"


def worker(portal: Portal, url: str) -> ChildProcess:
    bare = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return portal(url, "worker", "-P", "threads", "-c", "2", *bare)


@contextlib.contextmanager
def redis(port: int | None = None) -> Iterator[Redis]:
    try:
        with redis_server(port) as server:
            yield server
    except ServerMissing as trouble:
        pytest.skip(str(trouble))


def tick(url: str) -> None:
    """What beat does when the hour has come."""
    with Celery(broker=url, set_as_current=False) as app:
        app.send_task(SWEEP)


def finished() -> bool:
    return LifecycleRun.objects.filter(outcome="done").exists()


def mails_are_queued() -> bool:
    return Mail.objects.filter(status=MailStatus.QUEUED).exists()


@pytest.mark.req("L6")
def test_a_run_whose_redis_is_killed_ends_as_if_nothing_had_been(
    portal: Portal, tmp_path: Path
) -> None:
    crowd = people(2)
    (tmp_path / "stop").touch()
    with redis() as server:
        first = worker(portal, server.url)
        tick(server.url)
        wait_until((tmp_path / "began").exists, first)
        os.kill(server.process_id, signal.SIGKILL)
    (tmp_path / "stop").unlink()
    wait_until(lambda: sweeps_done(tmp_path) == 1, first)
    check(crowd)
    # Whoever supervises the worker starts it again, with a new and empty Redis. The same hour once
    # more: nothing is done twice.
    first.kill()
    done = sweeps_done(tmp_path)
    with redis(server.port) as server:
        second = worker(portal, server.url)
        tick(server.url)
        wait_until(lambda: sweeps_done(tmp_path) > done, second)
        check(crowd)
    assert LifecycleRun.objects.count() == 1


def sweeps_done(folder: Path) -> int:
    """Sweeps that the workers have carried out, whether or not there was something to do."""
    tasks = folder / "tasks"
    return tasks.read_text().splitlines().count(SWEEP) if tasks.exists() else 0


def waiting(url: str) -> int:
    """Messages that no worker has taken."""
    with Client.from_url(url) as client:
        return int(cast(int, client.llen("celery")))


def unacknowledged(url: str) -> int:
    """Messages that a worker has taken and not acknowledged yet."""
    with Client.from_url(url) as client:
        return int(cast(int, client.hlen("unacked")))


@pytest.mark.req("L6")
def test_ticks_lost_with_redis_are_made_good_by_the_next_one(portal: Portal) -> None:
    crowd = people(2)
    port = free_port()
    with redis(port) as server:
        tick(server.url)  # no worker yet: the message is lost with the broker
        assert waiting(server.url) == 1
        os.kill(server.process_id, signal.SIGKILL)
    assert not LifecycleRun.objects.exists()
    with redis(port) as server:
        assert waiting(server.url) == 0
        child = worker(portal, server.url)
        tick(server.url)
        wait_until(finished, child)
        check(crowd)


@pytest.mark.req("L6")
def test_a_worker_left_idle_without_redis_works_again_when_redis_is_back(
    portal: Portal, tmp_path: Path
) -> None:
    with redis() as server:
        child = worker(portal, server.url)
        tick(server.url)
        wait_until(lambda: sweeps_done(tmp_path) == 1, child)
        # Celery acknowledges a message after its task: a worker that cannot do so stops itself.
        wait_until(lambda: unacknowledged(server.url) == 0, child)
        assert unacknowledged(server.url) == 0  # once more: by now the worker has Redis's answer
        os.kill(server.process_id, signal.SIGKILL)
    JobRun.objects.all().delete()  # another hour
    crowd = people(2)
    with redis(server.port) as server:
        tick(server.url)
        wait_until(finished, child)
        check(crowd)


@pytest.mark.req("L6", "R102")
def test_two_beats_make_one_run_and_no_mail_leaves_twice(portal: Portal, tmp_path: Path) -> None:
    people(3)
    with redis() as server:
        beats = [portal(server.url, "beat", "-s", str(tmp_path / f"beat{n}")) for n in range(2)]
        children = [worker(portal, server.url), *beats]
        wait_until(lambda: finished() and not mails_are_queued(), *children)
        done = sweeps_done(tmp_path)
        wait_until(lambda: sweeps_done(tmp_path) >= done + 4, *children)  # both tick on
    assert LifecycleRun.objects.count() == 1
    assert JobRun.objects.filter(job="lifecycle.sweep").count() == 1
    accepted = Counter((tmp_path / "accepted").read_text().splitlines())
    assert len(accepted) == Mail.objects.filter(status=MailStatus.SENT).count() == 9
    assert set(accepted.values()) == {1}


@pytest.mark.req("L6", "R102")
def test_a_run_whose_database_restarts_is_finished_by_the_next(
    own_database: Postgres, tmp_path: Path
) -> None:
    crowd = people(2)
    process = run_in_a_process(own_database.url, tmp_path, "wait", "30")
    process.write_line()
    assert process.read_line() == "there"
    connection.close()
    own_database.restart()
    process.write_line()
    process.finish(statuses=(0, 1))  # 0: it found the database again and went on by itself
    again = run_in_a_process(own_database.url, tmp_path)
    again.write_line()
    again.finish()
    check(crowd)


@pytest.fixture
def own_database() -> Iterator[Postgres]:
    """A server of this test's own with the suite's schema; the ORM speaks to it meanwhile."""
    suite = connections["default"]
    suite.close()
    try:
        with postgres_server() as server:
            tools = server.origin
            dump = subprocess.run(
                [str(tools / "pg_dump"), "--no-owner", "-d", libpq(suite.settings_dict)],
                check=True,
                capture_output=True,
            )
            own = connections.create_connection("default")
            folder = "/" + server.url.partition("@/")[2].rpartition("/")[0].strip("/")
            own.settings_dict = {
                **suite.settings_dict,
                **{"NAME": "postgres", "HOST": folder, "PORT": "", "USER": "mgestion"},
            }
            subprocess.run(
                [str(tools / "psql"), "-q", "-d", libpq(own.settings_dict)],
                input=dump.stdout,
                check=True,
                stdout=subprocess.DEVNULL,
            )
            connections["default"] = own
            try:
                yield server
            finally:
                own.close()
    except ServerMissing as trouble:
        pytest.skip(str(trouble))
    finally:
        connections["default"] = suite


def libpq(to: dict[str, object]) -> str:
    names = {"NAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user"}
    names["PASSWORD"] = "password"
    return " ".join(f"{names[key]}='{to[key]}'" for key in names if to.get(key))
