"""`make bench [ONLY=name]`: runs the registered measures, each a ratio within one run.

A measure is a module `benchmarks/measure_<name>.py` with `run() -> Iterable[str]`: the lines of
its report. Ratios, because two machines (or two hours on one) do not agree on seconds.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PREFIX = "measure_"


def registered(folder: Path = HERE) -> list[str]:
    """Names of the measures, in alphabetical order."""
    return sorted(path.stem.removeprefix(PREFIX) for path in folder.glob(f"{PREFIX}*.py"))


def main() -> int:
    names = registered()
    if not names:
        sys.stdout.write(
            "No measure is registered yet. Add one as benchmarks/measure_<name>.py with a\n"
            "function run() that yields the lines of its report.\n"
        )
        return 0
    only = os.environ.get("ONLY")
    if only and only not in names:
        sys.stderr.write(f"ONLY={only}: choose among {', '.join(names)}.\n")
        return 1
    for name in names:
        if only and name != only:
            continue
        began = time.monotonic()
        sys.stdout.write(f"== {name}\n")
        for line in importlib.import_module(f"benchmarks.{PREFIX}{name}").run():
            sys.stdout.write(f"   {line}\n")
            sys.stdout.flush()
        sys.stdout.write(f"   ({time.monotonic() - began:.1f} s)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
