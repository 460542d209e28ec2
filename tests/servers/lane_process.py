"""A lane's pytest as a child process: with a time limit, and its stacks printed when it hangs."""

import contextlib
import faulthandler
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

TIMED_OUT = 124  # as coreutils' timeout says it
GRACE_SECONDS = 60.0


def register_stack_dump() -> None:
    """SIGUSR1 prints the stacks of this process to the standard error that it has now, before
    pytest captures it.
    """
    faulthandler.register(signal.SIGUSR1, file=os.dup(2), all_threads=True)


def run_with_limit(command: Sequence[str], environment: Mapping[str, str], seconds: float) -> int:
    """The command's exit status, or TIMED_OUT when it had to be stopped."""
    process = subprocess.Popen(command, env=environment)
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.write(2, f"\n!! still running after {seconds / 60:g} min; its stacks:\n".encode())
        _dump_stacks(process.pid)
        return TIMED_OUT
    finally:
        _interrupt(process)


def _dump_stacks(process_id: int) -> None:
    """Asks the process and its workers, those that registered for it: the signal kills others."""
    children = Path(f"/proc/{process_id}/task/{process_id}/children")
    workers = children.read_text().split() if children.exists() else []
    for asked in [process_id, *map(int, workers)]:
        if _catches(asked, signal.SIGUSR1):
            with contextlib.suppress(ProcessLookupError):
                os.kill(asked, signal.SIGUSR1)
                time.sleep(1)  # one after the other, or their lines mix


def _catches(process_id: int, number: int) -> bool:
    try:
        status = Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return False
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """Ctrl-C first, so that pytest takes its fixtures (servers, browsers) down; then the end."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
