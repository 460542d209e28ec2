"""`make bench [ONLY=name,…] [BENCH_SMALL=1]`: runs the measures and judges each against its goal.

A measure is a module `benchmarks/measure_<name>.py` with `run() -> Iterable[str]`: the lines of its
report. A line that has a goal begins with « [met] », « [MISSED] » or « [not measured here] »
(`benchmarks.verdicts`). A measure that fails stops no other.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Final

from benchmarks.verdicts import MET, MISSED, NOT_MEASURED, SMALL

HERE = Path(__file__).resolve().parent
PREFIX = "measure_"
FAILED = "[FAILED]"
ELSEWHERE: Final = (
    "mixed load, its knee and p95: make load",
    "what breaks, and what holds: make chaos",
    "durations of make test and .ci/run: they print their own",
)


def list_measures(folder: Path = HERE) -> list[str]:
    """Names of the measures, in alphabetical order."""
    return sorted(path.stem.removeprefix(PREFIX) for path in folder.glob(f"{PREFIX}*.py"))


def run_measure(name: str) -> list[str]:
    """Prints the lines of a measure as they come, and returns them."""
    began, lines = time.monotonic(), []
    say(f"== {name}")
    try:
        for line in importlib.import_module(f"benchmarks.{PREFIX}{name}").run():
            lines.append(line.removeprefix("· "))
            say(f"   {lines[-1]}")
    except (subprocess.SubprocessError, OSError, AssertionError) as error:
        lines.append(f"{FAILED} {name}: {error}")
        say(f"   {lines[-1]}")
    say(f"   ({time.monotonic() - began:.1f} s)")
    return lines


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    names = list_measures()
    only = [name for name in os.environ.get("ONLY", "").split(",") if name]
    if not set(only) <= set(names):
        sys.stderr.write(f"ONLY={','.join(only)}: choose among {', '.join(names)}.\n")
        return 1
    lines = [line for name in only or names for line in run_measure(name)]
    lines += [f"{NOT_MEASURED} {what}" for what in ELSEWHERE]
    counts = Counter(line.partition("]")[0] + "]" for line in lines if line.startswith("["))
    say("== verdict" + (" of a trial run (BENCH_SMALL): its figures mean nothing" if SMALL else ""))
    marks = (MET, MISSED, NOT_MEASURED, FAILED)
    say("   " + ", ".join(f"{counts[mark]} {mark[1:-1]}" for mark in marks))
    for line in lines:
        if line.startswith(marks[1:]):
            say(f"   {line}")
    return 1 if counts[FAILED] else 0


if __name__ == "__main__":
    sys.exit(main())
