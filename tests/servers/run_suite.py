"""`make test`: the suite on SQLite, again on PostgreSQL and Redis, then the browser tests.

    python -m tests.servers.run_suite [--smoke] [--lane sqlite|postgres|browser]… [-- pytest words]

FORBID_SKIPS=1 (the gate) makes a missing server or browser a failure; without it, it is said
loudly. It also fixes the order of the tests and the examples of the property tests.
PYTEST_WORKERS is the number of processes (2 by default, 0 for none).
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass

from tests.servers.browser import find_browser
from tests.servers.errors import ServerFailed, ServerMissing
from tests.servers.with_servers import leave_on_sigterm, say, servers

LANES = ("sqlite", "postgres", "browser")
GATE_SEED = 20260  # the order of the tests in the gate; any number would do
NO_TESTS = 5  # pytest's exit status when nothing was selected


@dataclass(frozen=True)
class Outcome:
    lane: str
    status: int
    seconds: float
    words: str = ""

    @property
    def verdict(self) -> str:
        if self.words:
            return f"NOT RUN: {self.words}"
        return "passed" if self.status == 0 else f"FAILED (status {self.status})"


def selection(lane: str, *, smoke: bool) -> str:
    """pytest's -m expression for a lane."""
    return ("smoke and " if smoke else "") + ("browser" if lane == "browser" else "not browser")


def pytest_command(lane: str, *, smoke: bool, words: list[str]) -> list[str]:
    workers = os.environ.get("PYTEST_WORKERS", "2")
    # One browser at a time: two of them on two cores only wait for one another.
    options = [] if smoke or lane == "browser" or workers == "0" else ["-n", workers]
    if options:
        options += ["--dist", "loadgroup"]
    if os.environ.get("FORBID_SKIPS") == "1":
        options.append(f"--randomly-seed={GATE_SEED}")
    expression = selection(lane, smoke=smoke)
    return [sys.executable, "-m", "pytest", "-q", "-m", expression, *options, *words]


def run_lane(lane: str, *, smoke: bool, words: list[str]) -> Outcome:
    say(f"\n== {lane}")
    began = time.monotonic()
    command = pytest_command(lane, smoke=smoke, words=words)
    plain = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    try:
        if lane == "postgres":
            with servers() as environment:
                status = subprocess.run(command, env=environment, check=False).returncode
        else:
            if lane == "browser":
                browser = find_browser(may_install=True)
                say(f"   {browser.version}  ({browser.path}, by {browser.origin})")
                plain |= {"CHROMIUM_PATH": str(browser.path), "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
            else:
                say(f"   SQLite {sqlite3.sqlite_version}")
            status = subprocess.run(command, env=plain, check=False).returncode
    except ServerMissing as trouble:
        say(f"!! {trouble}")
        forbidden = os.environ.get("FORBID_SKIPS") == "1"
        return Outcome(lane, int(forbidden), time.monotonic() - began, str(trouble))
    except ServerFailed as trouble:
        say(f"!! {trouble}")
        return Outcome(lane, 1, time.monotonic() - began, str(trouble).splitlines()[0])
    if status == NO_TESTS and lane == "browser":
        status = 0
    return Outcome(lane, status, time.monotonic() - began)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="run_suite", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--smoke", action="store_true", default=os.environ.get("SMOKE") == "1")
    parser.add_argument("--lane", action="append", choices=LANES)
    parser.add_argument("words", nargs="*", help="words for pytest")
    chosen = parser.parse_args(arguments)
    leave_on_sigterm()
    say(f"   Python {platform.python_version()}")
    outcomes = [
        run_lane(lane, smoke=chosen.smoke, words=chosen.words) for lane in chosen.lane or LANES
    ]
    say("\n== summary")
    for outcome in outcomes:
        say(f"   {outcome.lane:<9} {outcome.seconds:6.1f} s  {outcome.verdict}")
    return max((outcome.status for outcome in outcomes), default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
