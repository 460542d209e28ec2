"""`make mutants`: one-line faults, each of which the tests named beside it have to notice.

    python -m tests.mutants [--only WORD] [--jobs N]

Each fault is put into a scratch copy of the tree and its tests are run there on SQLite. A fault
that no test notices fails the run, and so does one whose text or tests are not found any more.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.mutants_table import MUTANTS, Mutant
from tests.servers.migrated import migrated_database

ROOT = Path(__file__).resolve().parents[1]
MINUTES = 20.0
TESTS_FAILED = 1  # pytest's exit status; any other than 0 means that nothing was proven


class NotFound(Exception):
    """The table does not fit the tree: the text or the tests of a fault are gone."""


@dataclass(frozen=True)
class Verdict:
    mutant: Mutant
    word: str  # killed, SURVIVED or ERROR
    seconds: float
    said: str = ""


def place_of(mutant: Mutant, root: Path) -> Path:
    """The file that holds the fault's text, once."""
    named = root / mutant.path
    count = named.read_text(encoding="utf-8").count(mutant.old) if named.is_file() else 0
    if count != 1:
        raise NotFound(f"{mutant.path}: the text stands there {count} times: {mutant.old!r}")
    return named


def tests_of(mutant: Mutant) -> list[str]:
    return [f"tests/{name}" for name in mutant.tests]


@contextmanager
def scratch_copy() -> Iterator[Path]:
    """The tree as it stands, with what is not committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    with tempfile.TemporaryDirectory(prefix="mgmutants-") as folder:
        for name in filter(None, listed.stdout.split("\0")):
            source, target = ROOT / name, Path(folder, name)
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
        # To migrate takes longer than most tests; a fault in a migration has it done anew.
        kept = migrated_database()
        target = Path(folder, kept.relative_to(ROOT))
        target.parent.mkdir(parents=True)
        shutil.copyfile(kept, target)
        yield Path(folder)


def _plain() -> dict[str, str]:
    dropped = ("DATABASE_URL", "REDIS_URL")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1"}


def run_tests(root: Path, tests: Sequence[str], words: Sequence[str] = ()) -> tuple[int, str]:
    """pytest's exit status and what it said. `words`: more options."""
    environment = {**_plain(), "FORBID_SKIPS": "1"}
    options = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=line", *words]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *tests],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=MINUTES * 60,
        )
    except subprocess.TimeoutExpired:
        return -1, f"no end within {MINUTES:g} min"
    return done.returncode, done.stdout + done.stderr


def already_failing(root: Path, tests: Sequence[str]) -> list[str]:
    """The tests that fail without any fault: they prove nothing, and are left out."""
    status, said = run_tests(root, tests)
    failing = re.findall(r"^(?:FAILED|ERROR) (\S+::[^\n]*?)(?: - |$)", said, re.MULTILINE)
    if status not in (0, TESTS_FAILED) or (status and not failing):
        raise NotFound(said[-3000:])
    return failing


def try_mutant(mutant: Mutant, root: Path, left_out: Sequence[str]) -> Verdict:
    began = time.monotonic()
    try:
        place, tests = place_of(mutant, root), tests_of(mutant)
    except NotFound as trouble:
        return Verdict(mutant, "ERROR", 0.0, str(trouble))
    before = place.read_text(encoding="utf-8")
    place.write_text(before.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        words = ["-x", *(f"--deselect={test}" for test in left_out)]
        status, said = run_tests(root, tests, words)
    finally:
        place.write_text(before, encoding="utf-8")
    word = {0: "SURVIVED", TESTS_FAILED: "killed"}.get(status, "ERROR")
    seconds = time.monotonic() - began
    return Verdict(mutant, word, seconds, "" if word == "killed" else said[-1500:])


def try_all(mutants: Sequence[Mutant], jobs: int, left_out: Sequence[str]) -> Iterator[Verdict]:
    """Each job has a copy of the tree of its own."""
    copies: SimpleQueue[Path] = SimpleQueue()

    def in_a_copy(mutant: Mutant) -> Verdict:
        root = copies.get()
        try:
            return try_mutant(mutant, root, left_out)
        finally:
            copies.put(root)

    with ThreadPoolExecutor(jobs) as pool:
        makers = [scratch_copy() for _ in range(jobs)]
        try:
            for maker in makers:
                copies.put(maker.__enter__())
            yield from pool.map(in_a_copy, mutants)
        finally:
            pool.shutdown(cancel_futures=True)
            for maker in makers:
                maker.__exit__(None, None, None)


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="mutants", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default="", help="those whose path or text holds this word")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(arguments)
    mutants = [one for one in MUTANTS if chosen.only in f"{one.path} {one.old} {one.what}"]
    with scratch_copy() as root:
        named = sorted({test for one in mutants for test in tests_of(one)})
        failing = already_failing(root, named)
    say(f"without a fault: {len(named)} test files, {len(failing)} tests fail")
    for test in failing:
        say(f"!! {test}")
    failed = 0
    for verdict in try_all(mutants, chosen.jobs, failing):
        one = verdict.mutant
        say(f"{verdict.word:<9} {verdict.seconds:5.0f} s  {one.path:<38} {one.what}")
        if verdict.word != "killed":
            failed += 1
            say(verdict.said)
    say(f"{len(mutants)} faults, {len(mutants) - failed} killed, {failed} not")
    return 1 if failed or failing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
