"""Processes that tests start: they do not outlive the tests, and nobody waits for a dead one."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mgestion.launch.children import request_parent_death_signal
from tests.servers.errors import ServerFailed

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
"""The numeric user of last resort: PostgreSQL refuses to run as root, and this needs no useradd."""


@dataclass(frozen=True)
class RunAs:
    """Another user for a child process; `None` fields mean the user that we already are."""

    uid: int | None = None

    @property
    def changes(self) -> bool:
        return self.uid is not None

    def run(
        self, arguments: Sequence[str], *, folder: Path, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            user=self.uid,
            group=self.uid,
            extra_groups=[] if self.changes else None,
        )

    def start(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        log: Path,
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """`variables`: of the environment, beside ours."""
        with log.open("wb") as output:
            return subprocess.Popen(
                arguments,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A session of its own: Ctrl-C reaches the tests first, which then stop the server.
                start_new_session=True,
                env={**os.environ, **(variables or {})},
                user=self.uid,
                group=self.uid,
                extra_groups=[] if self.changes else None,
                preexec_fn=request_parent_death_signal,
            )


def unprivileged() -> RunAs:
    """Who shall own a server that refuses root: nobody when we are root, ourselves otherwise."""
    return RunAs(uid=NOBODY) if os.geteuid() == 0 else RunAs()


@contextlib.contextmanager
def server_folder(name: str, owner: RunAs, parent: Path | None = None) -> Iterator[Path]:
    """A private folder that `owner` can reach, removed at the end. `parent`: where it lies.

    Under root it lies in /tmp whatever TMPDIR says: TMPDIR may be closed to other users. Its
    path is short because a UNIX socket's path may not exceed 107 bytes.
    """
    usual = "/tmp" if owner.changes or len(tempfile.gettempdir()) > 60 else None
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=parent or usual))
    try:
        if owner.uid is not None:
            os.chown(folder, owner.uid, owner.uid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A TCP port of the loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Process(Protocol):
    """`subprocess.Popen`, or what answers like it."""

    @property
    def args(self) -> Any: ...
    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def kill(self) -> None: ...


@dataclass(frozen=True)
class ChildProcess:
    """A running process, and the file that its output goes to."""

    process: Process
    log: Path

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def last_words(self) -> str:
        said = self.log.read_text(errors="replace") if self.log.exists() else ""
        return f"== {self.process.args!r}\n{said[-3000:]}"

    def check_alive(self) -> None:
        """Raises ServerFailed, with the end of the log, when the process has ended."""
        status = self.process.poll()
        if status is not None:
            raise ServerFailed(f"The process ended by itself (status {status}).\n{self.last_words}")


def wait_until(happened: Callable[[], bool], *children: ChildProcess, seconds: float = 180) -> None:
    """Polls until `happened()`.

    Raises ServerFailed, with the end of the logs, as soon as one of the `children` that should
    make it happen has ended, and after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not happened():
        ended = [child for child in children if child.process.poll() is not None]
        if ended and not happened():  # it may have been the last thing that the process did
            ended[0].check_alive()
        if time.monotonic() > deadline:
            logs = "\n".join(child.last_words for child in children)
            raise ServerFailed(f"It did not happen within {seconds:g} s.\n{logs}")
        time.sleep(0.02)


class LineProcess:
    """A Python module in a process of its own, which the test leads line by line."""

    def __init__(self, *words: str, environment: Mapping[str, str], log: Path) -> None:
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *words],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, **environment},
            )
        self.child = ChildProcess(self._process, log)

    def write_line(self, line: str = "") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def read_line(self) -> str:
        """The next line that the process prints. Raises ServerFailed when it ended instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait(60)
            self.child.check_alive()
        return line.rstrip("\n")

    def finish(self, *, statuses: Sequence[int] = (0,)) -> str:
        """What the process still prints until it ends, with one of the `statuses`."""
        said, _ = self._process.communicate(timeout=180)
        if self._process.returncode not in statuses:
            self.child.check_alive()
        return said

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Asks with `how`, then kills."""
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=15)
