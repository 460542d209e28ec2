"""Stages of more and more people until pages are slow; then a longer one at half of that.

python -m benchmarks.load        the report goes to docs/load.md
"""

from __future__ import annotations

import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.chaos.servers import World, open_world
from benchmarks.load.people import AGENTS, HOLDERS, PASSWORD, REQUESTS, SCRIPT, SERVICE
from benchmarks.load.watch import Usage, Watch
from tests.servers.tool_environment import prepare_environment

ROOT: Final = Path(__file__).resolve().parents[2]
STAGES: Final = (10, 20, 40, 80, 160, 320)
SECONDS: Final = 15  # of a stage, once all of its people are there
LAST_SECONDS: Final = 30
SLOW: Final = 500.0  # milliseconds for 95 of 100 answers


@dataclass(frozen=True)
class Line:
    """Of locust's report: one kind of page, or all of them (`Aggregated`)."""

    name: str
    count: int
    failures: int
    median: float
    p95: float
    rate: float


@dataclass(frozen=True)
class Stage:
    people: int
    lines: list[Line]
    usage: Usage
    failures: list[str]
    driver_seconds: float
    seconds: float

    @property
    def total(self) -> Line:
        return self.lines[-1]

    @property
    def holds(self) -> bool:
        return self.total.p95 <= SLOW and self.total.failures <= self.total.count * 0.005


def run_stage(
    driver: Path, world: World, secret: str, people: int, seconds: int, folder: Path
) -> Stage:
    ramp = max(3, people // 10)
    command = [str(driver), "-f", str(Path(__file__).with_name("locustfile.py")), "--headless"]
    command += ["-u", str(people), "-r", str(people / ramp), "-t", f"{ramp + seconds}s"]
    command += ["--host", world.stack.url, "--reset-stats", "--only-summary", "--loglevel", "ERROR"]
    command += ["--csv", str(folder / f"stage{people}"), "--exit-code-on-error", "0"]
    variables = {
        "LOAD_HOLDERS": str(HOLDERS),
        "LOAD_AGENTS": str(AGENTS),
        "LOAD_PASSWORD": PASSWORD,
        "LOAD_SECRET": secret,
        "LOAD_SERVICE": SERVICE,
    }
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with Watch(world) as watch:
        done = subprocess.run(
            command, env={**os.environ, **variables}, capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        raise SystemExit(f"locust failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Stage(
        people=people,
        lines=read_lines(folder / f"stage{people}_stats.csv"),
        usage=watch.usage,
        failures=read_failures(folder / f"stage{people}_failures.csv"),
        driver_seconds=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        seconds=time.monotonic() - began,
    )


def read_lines(path: Path) -> list[Line]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Line(
                name=row["Name"],
                count=int(row["Request Count"]),
                failures=int(row["Failure Count"]),
                median=float(row["50%"]),
                p95=float(row["95%"]),
                rate=float(row["Requests/s"]),
            )
            for row in csv.DictReader(file)
            if row["Request Count"] not in ("", "0")
        ]


def read_failures(path: Path) -> list[str]:
    """Which pages failed, why and how often."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            f"{row['Name']}: {row['Error'][:100]} ({row['Occurrences']})"
            for row in csv.DictReader(file)
        ]


def main() -> int:
    driver = prepare_environment("load") / "locust"
    stages, busy = [], os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="mgload-") as place, open_world(Path(place)) as world:
        secret = world.stack.run("-c", SCRIPT).split()[-1]
        run_stage(driver, world, secret, STAGES[0], 10, Path(place))  # the first pages of a process
        for people in STAGES:
            stages.append(run_stage(driver, world, secret, people, SECONDS, Path(place)))
            total = stages[-1].total
            say(f"   {people} people: {total.rate:.0f}/s, 95 % in {total.p95:.0f} ms")
            if not stages[-1].holds:
                break
        knee = max((stage.people for stage in stages if stage.holds), default=0)
        people = knee // 2 or STAGES[0] // 2
        half = run_stage(driver, world, secret, people, LAST_SECONDS, Path(place))
    report = write_report(stages, knee, half, busy)
    (ROOT / "docs/load.md").write_text(report, encoding="utf-8")
    say(report)
    return 0


def write_report(stages: list[Stage], knee: int, half: Stage, busy: float) -> str:
    warning = ""
    if busy > (os.cpu_count() or 1):
        warning = (
            f"**{busy:.0f} other processes wanted the processors when this began: the figures show "
            "that the measure works, and say nothing about the portal. Run it on a quiet machine.**"
            "\n\n"
        )
    where = f"{knee} people" if knee else f"below {STAGES[0]} people: look at the last line here"
    rows = "\n".join(
        f"| {stage.people} | {stage.total.rate:.0f} | {stage.total.median:.0f} | "
        f"{stage.total.p95:.0f} | {stage.total.failures} | {stage.usage.connections} |"
        for stage in stages
    )
    pages = "\n".join(
        f"| {line.name} | {line.rate:.1f} | {line.median:.0f} | {line.p95:.0f} |"
        for line in half.lines
        if line.name != "Aggregated"
    )
    full = stages[-1]
    failed = "; ".join([*full.failures, *half.failures]) or "none"
    parts = {**full.usage.seconds, "the load driver": full.driver_seconds}
    cores = os.cpu_count() or 1
    shares = "\n".join(
        f"| {name} | {100 * seconds / full.seconds / cores:.0f} % | "
        f"{full.usage.memory.get(name, 0) / 2**20:.0f} MB |"
        for name, seconds in sorted(parts.items(), key=lambda item: -item[1])
    )
    return f"""# Load

Written by `make load`: the portal as production runs it (Caddy, gunicorn with two processes of four
threads, a worker, beat, PgBouncer, a PostgreSQL that writes to the disk, Redis), and locust on the
same {cores} processors: with a machine of its own for the driver the knee would be higher.
{HOLDERS} people with two accesses, {AGENTS} agents, {REQUESTS} requests that wait. Of fifteen
ten hold accesses (they look at their services and enter a platform by CAS), three are visitors, two
are agents at the queue; each waits 1 to 3 seconds between two pages, logs in at the beginning, and
the holders again now and then.

{warning}The knee is the most people for whom 95 of 100 answers come within {SLOW:.0f} ms and
nearly none fails.

| people | answers a second | median, ms | 95 %, ms | failures | connections of PostgreSQL |
|---|---|---|---|---|---|
{rows}

**The knee: {where}.** At half of it ({half.people} people, {half.total.rate:.0f} answers a
second, 95 % within {half.total.p95:.0f} ms, {half.total.failures} failures):

| page | a second | median, ms | 95 %, ms |
|---|---|---|---|
{pages}

Failures of that stage and of the last one above: {failed}.

What was short in the last stage ({full.people} people): shares of the machine's processor time, and
the memory of the largest process of each.

| part | processor | memory |
|---|---|---|
{shares}

{datetime.now(UTC):%d %B %Y}, {cores} processors.
"""


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
