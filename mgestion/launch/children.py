"""Child processes, started and stopped together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 12.0
KILLED_SECONDS = 10.0  # a process that waits for the disk ends when the disk answers
_PR_SET_PDEATHSIG = 1


def request_parent_death_signal() -> None:
    """For `preexec_fn`: on Linux, the child gets SIGTERM when its parent dies."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(frozen=True)
class Child:
    name: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def last_words(self, lines: int = 15) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


class Children:
    """A context manager that stops every process started in it."""

    def __init__(self, environment: Mapping[str, str], folder: Path, logs: Path) -> None:
        self._environment = dict(environment)
        self._folder = folder
        self._logs = logs
        self._running: list[Child] = []

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str]) -> Child:
        """Starts a process whose output goes to `<logs>/<name>.log`, emptied first.

        In a new session: Ctrl-C in the terminal reaches the parent only, which stops the children.
        """
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command lines
                command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=request_parent_death_signal,
            )
        child = Child(name, log, process)
        self._running.append(child)
        return child

    def first_dead(self) -> Child | None:
        return next((child for child in self._running if not child.is_alive), None)

    def stop(self) -> None:
        """Sends SIGTERM to all, waits, kills what is left of each process group, waits for it."""
        for child in self._running:
            if child.is_alive:
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        for child in self._running:
            # Also after a clean end: an orphan process would keep the port.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=5)
        deadline = time.monotonic() + KILLED_SECONDS
        # A child's own children cannot be waited for: their group tells when the last one ended.
        while any(_has_members(child.process.pid) for child in self._running):
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        self._running.clear()


def _has_members(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's process is one
        pass
    return True
