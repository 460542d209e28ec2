"""The database is stopped, then frozen, under a running web process."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError

from mgestion.database.limits import is_database_away
from mgestion.database.postgresql import connection as bounded
from tests.servers.postgres import Postgres, postgres_server
from tests.servers.processes import ROOT, ChildProcess, free_port, stop, wait_until

pytestmark = pytest.mark.postgres
THREADS = 2
# Seconds: SELECT 1 on the kept connection (2), a new connection (1), and a busy machine.
ENOUGH = 30


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Of its own: the suite's is never stopped."""
    with postgres_server() as started:
        yield started


@pytest.fixture(scope="module")
def portal(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web process; the database is empty, so that a page is a 500 while it answers."""
    folder, port = tmp_path_factory.mktemp("web"), free_port()
    command = [
        *(sys.executable, "-m", "gunicorn", "mgestion.wsgi", "-b", f"127.0.0.1:{port}"),
        *("-w", "1", "--worker-class", "gthread", "--threads", str(THREADS), "--no-control-socket"),
    ]
    mine = {
        "MGESTION_MODE": "embedded",
        "MGESTION_TESTING": "1",
        "DJANGO_SETTINGS_MODULE": "mgestion.settings",
        "DATABASE_URL": server.url,
        "DATABASE_CONNECT_TIMEOUT": "1s",
        "DATABASE_STATEMENT_TIMEOUT": "1s",
        "DATA_DIR": str(folder),
    }
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **mine}, stdout=output, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: ask(f"{address}/healthz")[0] == 200, ChildProcess(process, log))
        yield address
    finally:
        stop(process, signal.SIGTERM)


def ask(address: str) -> tuple[int, str, str]:
    """Status, Retry-After and body; status 0 when nobody listens."""
    try:
        with urllib.request.urlopen(address, timeout=ENOUGH) as answer:  # noqa: S310
            return answer.status, "", answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers.get("Retry-After", ""), refusal.read().decode()
    except OSError:
        return 0, "", ""


def family(process_id: int) -> list[int]:
    """The server and its processes; each leads a group of its own."""
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    return [process_id, *map(int, children)]


@contextlib.contextmanager
def frozen(server: Postgres) -> Iterator[None]:
    processes = family(server.process_id)
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def test_a_silent_database_is_a_503_and_takes_neither_healthz_nor_the_threads(
    portal: str, server: Postgres
) -> None:
    assert ask(f"{portal}/cgu/")[0] == 500  # no tables: it answers, and our code fails
    assert "migrations" in ask(f"{portal}/readyz")[2]
    with frozen(server), ThreadPoolExecutor(8) as people:
        pages = list(people.map(ask, [f"{portal}/cgu/"] * 8))  # four times the threads
        began = time.monotonic()
        assert ask(f"{portal}/healthz")[0] == 200
        assert time.monotonic() - began < ENOUGH / 3
        status, _, body = ask(f"{portal}/readyz")
    assert {page[:2] for page in pages} == {(503, "30")}
    assert all("momentanément indisponible" in page[2] for page in pages)
    assert status == 503 and "does not answer" in body
    # It comes back by itself.
    deadline = time.monotonic() + ENOUGH
    while "migrations" not in ask(f"{portal}/readyz")[2]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.kill(server.process_id, signal.SIGQUIT)  # stopped, not silent
    assert ask(f"{portal}/cgu/")[:2] == (503, "30")
    assert ask(f"{portal}/healthz")[0] == 200


def test_what_is_away_and_what_is_our_fault_are_told_apart() -> None:
    def wrap(trouble: psycopg.Error) -> OperationalError:
        wrapped = OperationalError(*trouble.args)
        wrapped.__cause__ = trouble
        return wrapped

    away = [
        psycopg.OperationalError("connection refused"),
        bounded.ServerSilent("no answer"),
        psycopg.errors.TooManyConnections("53300"),
        psycopg.errors.QueryCanceled("57014"),
        psycopg.errors.AdminShutdown("57P01"),
        psycopg.errors.DiskFull("53100"),
        psycopg.errors.IoError("58030"),
    ]
    assert all(is_database_away(wrap(trouble)) for trouble in away)
    ours = [psycopg.errors.DeadlockDetected("40P01"), psycopg.errors.LockNotAvailable("55P03")]
    assert not any(is_database_away(wrap(trouble)) for trouble in ours)
    assert not is_database_away(None)


def test_one_caller_tries_again_after_each_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    circuit = bounded.Circuit()
    assert circuit.may_try() and circuit.may_try()
    circuit.record(answers=False)
    assert not circuit.may_try()
    clock[0] += 2.1
    assert [circuit.may_try() for _ in range(3)] == [True, False, False]
    circuit.record(answers=True)
    assert circuit.may_try() and circuit.may_try()
