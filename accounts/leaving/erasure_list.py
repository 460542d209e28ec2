"""The list of erased accounts that stands outside the database.

A restored backup brings people back who had been erased: `lifecycle reconcile` reads this list and
erases them again before the portal reopens. It holds public ids and dates, no personal value.

An erasure is written twice: as meant before its commit, as done after. A line that was only meant
tells of a crash or a rollback; `settle_undecided` asks the database which, while it still knows.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from accounts.people.models import User

MEANT, DONE, VOID = "meant", "done", "void"


@dataclass(frozen=True, slots=True)
class ErasureLine:
    word: str
    public_id: UUID
    at: datetime


def get_erasure_list_path() -> Path:
    return Path(settings.ERASURE_LIST)


@contextmanager
def _lock_list() -> Iterator[None]:
    """One writer at a time, so that nothing is appended to a file that is being replaced."""
    get_erasure_list_path().parent.mkdir(parents=True, exist_ok=True)
    with get_erasure_list_path().with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_erasures(word: str, public_ids: Iterable[UUID], now: datetime) -> None:
    """Appends lines and waits until they are on disk. Raises OSError: an erasure that cannot be
    remembered is not done.
    """
    lines = "".join(_format_line(ErasureLine(word, one, now)) for one in public_ids)
    if not lines:
        return
    with _lock_list():
        torn = _ends_torn()
        descriptor = os.open(get_erasure_list_path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(f"\n{lines}" if torn else lines)
            out.flush()
            os.fsync(out.fileno())


def _ends_torn() -> bool:
    """Whether the last line was never finished: what is appended must not become part of it."""
    try:
        with get_erasure_list_path().open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:  # no file yet, or an empty one
        return False


def read_erasure_lines() -> Iterator[ErasureLine]:
    """The lines in order; a torn one (the disk was full, the machine fell) is passed over."""
    if not get_erasure_list_path().exists():
        return
    with get_erasure_list_path().open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                said = json.loads(line)
                yield ErasureLine(said["w"], UUID(said["id"]), datetime.fromisoformat(said["at"]))
            except (ValueError, KeyError, TypeError):
                continue


@dataclass(frozen=True, slots=True)
class ErasureListExtent:
    """What a list holds: `lines` readable ones, the `newest` of them (aware, None without any)."""

    there: bool
    lines: int = 0
    newest: datetime | None = None


def measure_erasure_list() -> ErasureListExtent:
    """How far the list goes, whatever it says of anybody."""
    if not get_erasure_list_path().exists():
        return ErasureListExtent(there=False)
    lines, newest = 0, None
    for line in read_erasure_lines():
        lines += 1
        newest = max(newest or line.at, line.at)
    return ErasureListExtent(True, lines, newest)


def read_erased() -> dict[UUID, datetime]:
    """Who was erased, and when, as far as the list knows for sure."""
    return {line.public_id: line.at for line in read_erasure_lines() if line.word == DONE}


def read_undecided() -> dict[UUID, datetime]:
    """Erasures that were meant and of which the list says no more."""
    open_lines: dict[UUID, datetime] = {}
    for line in read_erasure_lines():
        if line.word == MEANT:
            open_lines[line.public_id] = line.at
        else:
            open_lines.pop(line.public_id, None)
    return open_lines


def settle_undecided(now: datetime) -> int:
    """Says of each undecided erasure older than a day whether it happened: the account is there or
    not. To be called while the database is the one that decided, never on a restored one.
    """
    waiting = [one for one, at in read_undecided().items() if (now - at).days >= 1]
    there = set(User.objects.filter(public_id__in=waiting).values_list("public_id", flat=True))
    write_erasures(VOID, [one for one in waiting if one in there], now)
    write_erasures(DONE, [one for one in waiting if one not in there], now)
    return len(waiting)


def forget_old_erasures(before: datetime) -> int:
    """Drops the lines older than every backup that is kept. Returns how many."""
    with _lock_list():
        lines = list(read_erasure_lines())
        kept = [line for line in lines if line.at >= before]
        if len(kept) == len(lines):
            return 0
        fresh = get_erasure_list_path().with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as out:
            out.writelines(_format_line(line) for line in kept)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(get_erasure_list_path())
        return len(lines) - len(kept)


def _format_line(line: ErasureLine) -> str:
    said = {"w": line.word, "id": str(line.public_id), "at": line.at.isoformat()}
    return json.dumps(said) + "\n"
