"""Redis lost, the database restarted, two beats: real servers, workers and beats. Afterwards each
account is where one undisturbed run puts it, since the state is in the database alone.
"""

import contextlib
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from typing import cast

import pytest
from celery import Celery
from django.db import connection, connections
from redis import Redis as Client

from lifecycle.models import LifecycleRun
from lifecycle.tasks import run_lifecycle
from mgestion.jobs.models import JobRun
from mgestion.outbox.models import Mail, MailStatus
from tests.lifecycle.children import Children
from tests.lifecycle.engine.test_faults import check, people
from tests.servers.errors import ServerMissing
from tests.servers.postgres import Postgres, postgres_server
from tests.servers.processes import wait_until
from tests.servers.redis import Redis, redis_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
SWEEP = str(run_lifecycle.name)


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


def kill(server: Redis) -> None:
    os.kill(server.process_id, signal.SIGKILL)


def ask(url: str, word: str, *arguments: str) -> int:
    with Client.from_url(url) as client:
        return int(cast(int, client.execute_command(word, *arguments)))


@pytest.mark.req("L6")
def test_redis_may_die_at_any_moment_and_takes_nothing_with_it(children: Children) -> None:
    def sweeps() -> int:
        return children.read_lines("tasks").count(SWEEP)

    crowd = people(2)
    stop = children.folder / "stop"
    with redis() as server:
        tick(server.url)  # no worker yet: the message is lost with the broker
        assert ask(server.url, "LLEN", "celery") == 1
        kill(server)
    assert not LifecycleRun.objects.exists()
    with redis(server.port) as server:  # the next tick makes it good; Redis dies during the run
        assert ask(server.url, "LLEN", "celery") == 0
        stop.touch()
        first = children.worker(server.url)
        tick(server.url)
        wait_until(lambda: children.began() == 1, first)
        kill(server)
    stop.unlink()
    wait_until(lambda: sweeps() == 1, first)
    check(crowd)
    # Whoever supervises the worker starts it again, with a new and empty Redis. The same hour once
    # more: nothing is done twice.
    first.kill()
    with redis(server.port) as server:
        second = children.worker(server.url)
        tick(server.url)
        wait_until(lambda: sweeps() == 2, second)
        check(crowd)
        # Celery acknowledges a message after its task: a worker that cannot do so stops itself.
        wait_until(lambda: ask(server.url, "HLEN", "unacked") == 0, second)
        assert ask(server.url, "HLEN", "unacked") == 0  # again: the worker has Redis's answer
        kill(server)
    assert LifecycleRun.objects.count() == 1
    JobRun.objects.all().delete()  # another hour; the worker was idle without Redis
    crowd += people(2)
    with redis(server.port) as server:
        tick(server.url)
        wait_until(lambda: sweeps() == 3, second)
        check(crowd)


@pytest.mark.req("L6", "R102")
def test_two_beats_make_one_run_and_no_mail_leaves_twice(children: Children) -> None:
    people(3)

    def sweeps() -> int:
        return children.read_lines("tasks").count(SWEEP)

    def mails_have_left() -> bool:
        return not Mail.objects.filter(status=MailStatus.QUEUED).exists()

    with redis() as server:
        processes = [children.beat(server.url) for _ in range(2)]
        processes.append(children.worker(server.url))
        done = LifecycleRun.objects.filter(outcome="done")
        wait_until(lambda: done.exists() and mails_have_left(), *processes)
        before = sweeps()
        wait_until(lambda: sweeps() >= before + 4, *processes)  # both tick on
    assert LifecycleRun.objects.count() == 1
    assert JobRun.objects.filter(job="lifecycle.sweep").count() == 1
    accepted = Counter(children.read_lines("accepted"))
    assert len(accepted) == Mail.objects.filter(status=MailStatus.SENT).count() == 9
    assert set(accepted.values()) == {1}


@pytest.mark.req("L6", "R102")
def test_a_run_whose_database_restarts_is_finished_by_the_next(
    own_database: Postgres, children: Children
) -> None:
    crowd = people(2)
    stop = children.folder / "stop"
    stop.touch()
    run = children.run("wait", 30)
    wait_until(lambda: children.began() == 1, run)
    connection.close()
    own_database.restart()
    stop.unlink()
    assert run.process.wait() in (0, 1)  # 0: it found the database again and went on by itself
    assert children.finish() == 0
    check(crowd)


@pytest.fixture
def own_database() -> Iterator[Postgres]:
    """A server of this test's own with the suite's schema; the ORM speaks to it meanwhile. Durable:
    a crash loses nothing that was committed.
    """
    suite = connections["default"]
    suite.close()
    try:
        with postgres_server(durable=True) as server:
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
                [str(tools / "psql"), "-q", "-1", "-d", libpq(own.settings_dict)],
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
