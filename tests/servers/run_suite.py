"""`make test`: the suite on PostgreSQL and Redis; what leans on SQL again on SQLite; the browser.

    python -m tests.servers.run_suite [--smoke] [--long] [-- pytest words]
                                      [--lane postgres|sqlite|browser|lighthouse]…

The lanes run side by side, each as a process of its own. FORBID_SKIPS=1 (the gate) makes a missing
server or browser a failure; without it, it is said loudly. It also fixes the order of the tests and
the examples of the property tests; LONG=1 tries many more of them. PYTEST_WORKERS is the number of
processes of the PostgreSQL lane (2 by default, 0 for none), LANE_MINUTES when a lane is stopped.
"""

import argparse
import contextlib
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.servers.browser import find_browser
from tests.servers.errors import ServerFailed, ServerMissing
from tests.servers.lane_process import run_with_limit
from tests.servers.postgres import make_template
from tests.servers.with_servers import leave_on_sigterm, say, servers

# A lane's tests, for pytest's -m. What is marked `postgres` or `embedded` is left out of the other
# database's lane by tests/conftest.py.
LANES = {
    "postgres": "not browser and not lighthouse",
    "sqlite": "(both or embedded) and not browser",
    "browser": "browser",
}
# Scores that depend on the speed of the machine: only where it is named (`make lighthouse`).
NAMED_LANES = {"lighthouse": "lighthouse"}
# The marks of the files that a lane has to import; to import the others takes seconds.
MARKS = {
    "sqlite": ("mark.both", "mark.embedded"),
    "browser": ("mark.browser",),
    "lighthouse": ("mark.lighthouse",),
}
GATE_SEED = 20260  # the order of the tests in the gate; any number would do
ROOT = Path(__file__).resolve().parents[2]
SMOKE_FILE = "tests/ground/test_smoke.py"
NO_TESTS = 5  # pytest's exit status when nothing was selected
NOT_RUN = 77  # a lane's exit status when its server or browser is missing and may be
# Several times what an ordinary machine needs; the whole gate (.ci/run) has 90 minutes in CI.
LANE_MINUTES = 30.0


@dataclass(frozen=True)
class Outcome:
    lane: str
    status: int
    seconds: float

    @property
    def verdict(self) -> str:
        if self.status == NOT_RUN:
            return "NOT RUN (see above)"
        return "passed" if self.status == 0 else f"FAILED (status {self.status})"


def files_of(lane: str) -> list[str]:
    """The lane's test files; nothing stands for all of them."""
    return [
        str(path)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if any(mark in path.read_text(encoding="utf-8") for mark in MARKS.get(lane, ()))
    ]


def pytest_command(lane: str, *, smoke: bool, words: list[str]) -> list[str]:
    options = []
    workers = os.environ.get("PYTEST_WORKERS", "2")
    # The other lanes are one process each: they run beside this one.
    if lane == "postgres" and not smoke and workers != "0":
        options += ["-n", workers, "--dist", "worksteal"]
    if os.environ.get("FORBID_SKIPS") == "1":
        options.append(f"--randomly-seed={GATE_SEED}")
    if os.environ.get("LONG") == "1":
        options += ["-o", "faulthandler_timeout=6600"]
    if smoke:
        words = [SMOKE_FILE, *words]
    elif not any((ROOT / word.partition("::")[0]).exists() for word in words):
        words = [*files_of(lane), *words]
    if lane not in ("browser", "lighthouse"):
        # To import what they use takes seconds, and Playwright's plugin has fixtures for each test.
        options += ["--ignore=tests/browser", "--ignore=tests/lighthouse"]
        options += ["-p", "no:playwright", "-p", "no:base_url"]
    chosen = (LANES | NAMED_LANES)[lane]
    return [sys.executable, "-m", "pytest", "-q", "-m", chosen, *options, *words]


@contextlib.contextmanager
def lane_environment(lane: str) -> Iterator[Mapping[str, str]]:
    """What the lane's tests need, started. Raises ServerMissing or ServerFailed."""
    plain = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    if lane == "postgres":
        with servers() as environment:
            template = make_template(environment["DATABASE_URL"])
            yield {**environment, "TEST_DATABASE_TEMPLATE": template}
    elif lane == "browser":
        browser = find_browser(may_install=True)
        say(f"   {browser.version}  ({browser.path}, by {browser.origin})")
        yield {**plain, "CHROMIUM_PATH": str(browser.path), "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    elif lane == "lighthouse":
        yield {"TEST_SECONDS": "1200", **plain}  # npm installs in the time of the first test
    else:
        say(f"   SQLite {sqlite3.sqlite_version}")
        yield plain


def run_lane(lane: str, *, smoke: bool, words: list[str]) -> int:
    """Runs one lane here and gives its exit status."""
    command = pytest_command(lane, smoke=smoke, words=words)
    limit = float(os.environ.get("LANE_MINUTES", LANE_MINUTES)) * 60
    try:
        with lane_environment(lane) as environment:
            status = run_with_limit(command, environment, limit)
    except ServerMissing as trouble:
        say(f"!! {trouble}")
        return 1 if os.environ.get("FORBID_SKIPS") == "1" else NOT_RUN
    except ServerFailed as trouble:
        say(f"!! {trouble}")
        return 1
    return 0 if status == NO_TESTS and lane != "postgres" else status


def run_side_by_side(lanes: list[str], arguments: list[str]) -> list[Outcome]:
    """Runs each lane as a process. The first speaks as it goes, the others when they are done."""
    began = time.monotonic()
    outcomes: dict[str, Outcome] = {}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mglanes-")))
        running: dict[str, subprocess.Popen[bytes]] = {}
        for lane in lanes:
            log = None if lane == lanes[0] else stack.enter_context((folder / lane).open("wb"))
            command = [sys.executable, "-m", "tests.servers.run_suite", "--lane", lane, *arguments]
            running[lane] = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
            stack.callback(_stop, running[lane])
        while len(outcomes) < len(lanes):
            for lane, process in running.items():
                if lane not in outcomes and process.poll() is not None:
                    seconds = time.monotonic() - began
                    outcomes[lane] = Outcome(lane, process.returncode, seconds)
            time.sleep(0.2)
        for lane in lanes[1:]:
            say((folder / lane).read_text(errors="replace"))
    return [outcomes[lane] for lane in lanes]


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        process.wait()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="run_suite", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--smoke", action="store_true", default=os.environ.get("SMOKE") == "1")
    parser.add_argument("--long", action="store_true", default=os.environ.get("LONG") == "1")
    parser.add_argument("--lane", action="append", choices=[*LANES, *NAMED_LANES])
    parser.add_argument("words", nargs="*", help="words for pytest")
    chosen = parser.parse_args(arguments)
    leave_on_sigterm()
    if chosen.long:
        os.environ["LONG"] = "1"
    lanes = chosen.lane or list(LANES)
    if len(lanes) == 1:
        say(f"\n== {lanes[0]}")
        return run_lane(lanes[0], smoke=chosen.smoke, words=chosen.words)
    say(f"   Python {platform.python_version()}")
    handed_on = ["--smoke"] if chosen.smoke else []
    outcomes = run_side_by_side(lanes, [*handed_on, "--", *chosen.words])
    say("\n== summary")
    for outcome in outcomes:
        say(f"   {outcome.lane:<9} {outcome.seconds:6.1f} s  {outcome.verdict}")
    return max((0 if one.status == NOT_RUN else abs(one.status) for one in outcomes), default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
