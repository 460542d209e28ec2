"""`make run` as a person meets it: real processes, on a data folder of their own."""

import contextlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from mgestion.launch.prepare import PREPARATION_STEPS
from mgestion.launch.stamps import Stamps
from tests.servers.migrated import migrated_database
from tests.servers.processes import ROOT, ChildProcess, free_port, wait_until

pytestmark = pytest.mark.embedded
# A job of each queue that comes every few seconds.
QUEUES = {"entry.settle", "outbox.deliver", "cas.single_logout"}


class Portal:
    """A running `python -m mgestion.launch`, or what stands for it."""

    def __init__(self, root: Path, data: Path, command: Sequence[str]) -> None:
        self.port = free_port()
        self.data = data
        foreign = ("DATABASE_URL", "REDIS_URL", "MGESTION_TESTING", "MGESTION_MODE")
        environment = {name: value for name, value in os.environ.items() if name not in foreign}
        self.output = data.parent / f"output-{self.port}.txt"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *(command or ("-m", "mgestion.launch")), "--port", str(self.port)],
                cwd=root,
                env={**environment, "DATA_DIR": str(data)},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_until(self, happened: Callable[[], bool]) -> None:
        wait_until(happened, ChildProcess(self.process, self.output), seconds=280)

    def wait_until_started(self) -> None:
        self.wait_until(lambda: "Stop: Ctrl-C" in self.said)

    def status_of(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as got:
                return int(got.status)
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code

    def jobs_that_ran(self) -> set[str]:
        with contextlib.closing(sqlite3.connect(self.data / "portal.sqlite3")) as database:
            return {name for (name,) in database.execute("SELECT job FROM jobs_jobrun")}

    def processes(self) -> list[int]:
        """Every live process that works on this data folder, by what its environment says."""
        mark = f"DATA_DIR={self.data}\0".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def children(self) -> set[int]:
        of_main_thread = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        return set(map(int, Path(of_main_thread).read_text().split()))

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=120)


def begin_halfway(data: Path) -> None:
    """The dear steps of a first start look done: the gate starts with nothing, and the browser's
    tests use the demo's data.
    """
    (data / "run").mkdir(parents=True)
    shutil.copyfile(migrated_database(), data / "portal.sqlite3")
    stamps = Stamps(data / "run" / "stamps.json")
    for step in PREPARATION_STEPS:
        if step.name in ("database", "demo"):
            stamps.done(step.name, step.mark(ROOT))


def _read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - a loopback address
        return str(answer.read().decode())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def start(project_root: Path, data: Path) -> Iterator[Callable[..., Portal]]:
    running: list[Portal] = []

    def begin(*command: str) -> Portal:
        running.append(Portal(project_root, data, command))
        return running[-1]

    yield begin
    for portal in running:
        if portal.process.poll() is None:
            portal.stop(signal.SIGTERM)


def test_it_starts_and_stops_on_ctrl_c(start: Callable[..., Portal], data: Path) -> None:
    begin_halfway(data)
    portal = start()
    portal.wait_until_started()
    address = f"http://127.0.0.1:{portal.port}"
    assert f"{address}/\n" in portal.said
    assert f"{address}/courriels/" in portal.said
    (second,) = re.findall(r"A second platform: +(http://127\.0\.0\.1:\d+)/\n", portal.said)
    assert "M-Campus Entreprise" in _read(f"{second}/")
    assert portal.status_of(f"/cas/login?service={second}/connexion") == 200  # registered there
    assert "Loading the demo data" not in portal.said
    assert re.search(r"@[\w.-]*example\.org", portal.said), portal.said
    assert portal.status_of("/healthz") == 200
    assert portal.status_of("/cas/login") == 200
    assert portal.status_of("/mot-de-passe/SECRETKEY/") in (200, 302, 400, 403, 404, 410)
    assert portal.status_of("/readyz") == 200
    # Beat wakes the worker of each queue.
    portal.wait_until(lambda: portal.jobs_that_ran() >= QUEUES)
    beside = start()
    assert beside.process.wait(timeout=120) == 1
    assert "already runs" in beside.said
    assert portal.stop() == 0
    assert "Stopped. The data is kept" in portal.said
    assert portal.processes() == []
    with pytest.raises(OSError):
        _read(f"{second}/")
    logs = [path.read_text() for path in (portal.data / "logs").glob("*.log")]
    assert any("/mot-de-passe/***/" in log for log in logs)
    assert not any("SECRETKEY" in log for log in logs)


LIGHT = ("-m", "tests.ground.light_portal")


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_server_that_dies_stops_the_whole_with_its_last_words(
    start: Callable[..., Portal], name: str
) -> None:
    portal = start(*LIGHT)
    portal.wait_until_started()
    words = f"I am {name}."
    logs = portal.data / "logs"
    wait_until(lambda: any(words in log.read_text() for log in logs.glob("*.log")))
    for child in portal.children():
        if f"light-{name}\0".encode() in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(child, signal.SIGKILL)
    assert portal.process.wait(timeout=120) == 1
    assert "process ended by itself (status -9)" in portal.said
    assert words in portal.said
    assert portal.processes() == []  # nor a process that the dead one had started


def test_sigterm_stops_it_as_ctrl_c_does(start: Callable[..., Portal]) -> None:
    portal = start(*LIGHT)
    portal.wait_until_started()
    assert len(portal.processes()) > 4
    assert portal.stop(signal.SIGTERM) == 0
    assert "Stopped. The data is kept" in portal.said
    assert portal.processes() == []


def test_the_servers_go_with_a_runner_that_is_killed(start: Callable[..., Portal]) -> None:
    portal = start(*LIGHT)
    portal.wait_until_started()
    servers = portal.children()
    portal.stop(signal.SIGKILL)
    try:
        wait_until(lambda: not servers.intersection(portal.processes()))
    finally:
        for left in portal.processes():  # what a light server starts has nobody to end it
            os.kill(left, signal.SIGKILL)
