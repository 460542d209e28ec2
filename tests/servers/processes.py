"""Starting a server process that does not outlive the one who asked for it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mgestion.run.children import die_with_the_parent
from tests.servers.errors import ServerFailed

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
        self, arguments: Sequence[str], *, folder: Path, log: Path
    ) -> subprocess.Popen[bytes]:
        with log.open("wb") as output:
            return subprocess.Popen(
                arguments,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A session of its own: Ctrl-C reaches the tests first, which then stop the server.
                start_new_session=True,
                user=self.uid,
                group=self.uid,
                extra_groups=[] if self.changes else None,
                preexec_fn=die_with_the_parent,
            )


def unprivileged() -> RunAs:
    """Who shall own a server that refuses root: nobody when we are root, ourselves otherwise."""
    return RunAs(uid=NOBODY) if os.geteuid() == 0 else RunAs()


@contextlib.contextmanager
def server_folder(name: str, owner: RunAs) -> Iterator[Path]:
    """A private folder that `owner` can reach, removed at the end.

    Under root it lies in /tmp whatever TMPDIR says: TMPDIR may be closed to other users. Its
    path is short because a UNIX socket's path may not exceed 107 bytes.
    """
    parent = "/tmp" if owner.changes or len(tempfile.gettempdir()) > 60 else None
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=parent))
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


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float
) -> None:
    """Polls until `ready()`. Raises ServerFailed, with the end of the log, on death or delay."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if ready():
            return
        time.sleep(0.05)
    words = log.read_text(errors="replace")[-2000:] if log.exists() else ""
    raise ServerFailed(f"{process.args!r} did not come up within {seconds:g} s:\n{words}")


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
