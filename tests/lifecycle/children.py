"""Runs, workers and beats as processes of their own, killed at the end of the test. Python and the
portal are loaded once, in a process that they are forked from.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection

from tests.servers.processes import ChildProcess

_forks = get_context("forkserver")
_forks.set_forkserver_preload(["tests.lifecycle.portal", __name__])
_VARIABLES = {"DJANGO_SETTINGS_MODULE": "mgestion.settings", "REDIS_URL": "redis://127.0.0.1:1/0"}


def _be_a_child(task: str, database: dict[str, Any], folder: Path, *arguments: Any) -> None:
    from tests.lifecycle import portal

    portal.start(database, folder)
    getattr(portal, task)(*arguments)


@dataclass(frozen=True)
class Fork:
    """A forked child, with the words of `subprocess.Popen`."""

    child: ForkServerProcess
    args: tuple[Any, ...]

    @property
    def pid(self) -> int:
        return self.child.pid or 0

    def poll(self) -> int | None:
        return self.child.exitcode

    def wait(self, timeout: float | None = 180) -> int:
        self.child.join(timeout)
        assert self.child.exitcode is not None, "still running"
        return self.child.exitcode

    def kill(self) -> None:
        self.child.kill()


@dataclass
class Children:
    folder: Path
    running: list[ChildProcess] = field(default_factory=list)

    def start(self, task: str, *arguments: Any) -> ChildProcess:
        """On the database that the test speaks to now."""
        to = {key: connection.settings_dict[key] for key in ("NAME", "HOST", "PORT", "USER")}
        words = (task, to, self.folder, *arguments)
        child = _forks.Process(target=_be_a_child, args=words, daemon=True)
        with mock.patch.dict(os.environ, _VARIABLES):
            child.start()
        log = self.folder / f"log-{child.pid}"
        self.running.append(ChildProcess(Fork(child, words), log))
        return self.running[-1]

    def run(self, how: str = "", place: int = 0, *, batch: int = 100) -> ChildProcess:
        return self.start("run_once", how, place, batch)

    def finish(self, how: str = "", place: int = 0) -> int:
        """The exit status of such a run; what it was killed by is negative."""
        return self.run(how, place).process.wait()

    def worker(self, url: str) -> ChildProcess:
        bare = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        return self.start("run_celery", url, ("worker", "-P", "threads", "-c", "2", *bare))

    def beat(self, url: str) -> ChildProcess:
        schedule = self.folder / f"beat-{len(self.running)}"
        return self.start("run_celery", url, ("beat", "-s", str(schedule)))

    def read_lines(self, name: str) -> list[str]:
        """What the children wrote down."""
        file = self.folder / name
        return file.read_text().splitlines() if file.exists() else []

    def began(self) -> int:
        """Runs that wait, or waited, for the end of « stop »."""
        return len(list(self.folder.glob("began-*")))


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    started = Children(tmp_path)
    yield started
    for child in started.running:
        child.kill()
