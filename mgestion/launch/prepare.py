"""The data folder and what must be in it before the servers start."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mgestion.launch.stamps import Stamps, fingerprint
from mgestion.launch.trouble import CannotRun

FOLDERS = ("broker/queue", "broker/control", "logs", "static", "run")

DEMO = (
    "**/demo.py",
    "**/demo/*.py",
    "**/demo_*.py",
    "**/management/commands/load_demo.py",
    "mgestion/slots.py",
)
ROOMS = ("mgestion", "accounts", "registrations", "lifecycle")


@dataclass(frozen=True)
class Step:
    """Something that `manage.py` does, when what it reads has changed."""

    name: str
    words: str
    command: tuple[str, ...]
    mark: Callable[[Path], str]
    in_database: bool = True


def _in_rooms(patterns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{room}/{pattern}" for room in ROOMS for pattern in patterns)


def _migrations(root: Path) -> str:
    patterns = _in_rooms(("**/migrations/*.py",))
    # Packages bring migrations too (contenttypes, sessions, allauth).
    return fingerprint(root, [*patterns, "requirements.txt"])


def _reference(root: Path) -> str:
    patterns = _in_rooms(("**/reference/*", "**/management/commands/load_reference.py"))
    return fingerprint(root, patterns, also=[_migrations(root)])


def _demo(root: Path) -> str:
    # The demo's second platform is entered at the portal's own port.
    port = os.environ.get("PORT", "")
    return fingerprint(root, _in_rooms(DEMO), also=[_reference(root), port])


def _static(root: Path) -> str:
    return fingerprint(root, ["static/**/*", "mgestion/web/bundles.py", "requirements.txt"])


STEPS = (
    Step("database", "Preparing the database", ("migrate", "--no-input", "-v0"), _migrations),
    Step("reference", "Loading the reference tables", ("load_reference",), _reference),
    Step("demo", "Loading the demo data", ("load_demo",), _demo),
    Step(
        "static",
        "Collecting the static files",
        ("collectstatic", "--no-input", "--clear", "-v0"),
        _static,
        in_database=False,
    ),
)


def check_owner(folder: Path) -> None:
    """Raises CannotRun when `folder` was left by another user: half of it would fail to write."""
    if not folder.exists():
        return
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise CannotRun(
            f"{folder} belongs to {_name(owner)}, and you are {_name(os.geteuid())}. "
            "Run as the owner, or move that folder away: it is made again."
        )


def _name(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"user {user_id}"


def make_folders(data: Path) -> None:
    """The data folder with its parts. Mails and a database of people: closed to others."""
    check_owner(data)
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in FOLDERS:
            (data / name).mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        raise CannotRun(f"{data} cannot be written: {trouble.strerror}.") from None


@contextlib.contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Two portals on one data folder would each run a beat; the second one is told."""
    with (data / "run" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotRun(
                f"The portal already runs on {data}: stop it first (Ctrl-C where it was started)."
            ) from None
        yield


def prepare(
    root: Path, data: Path, environment: Mapping[str, str], say: Callable[[str], None]
) -> None:
    """Runs the steps whose inputs changed. Raises CannotRun with the words of one that failed."""
    stamps = Stamps(data / "run" / "stamps.json")
    if not (data / "portal.sqlite3").exists():
        stamps.forget(*(step.name for step in STEPS if step.in_database))
    if not (data / "static" / "staticfiles.json").exists():
        stamps.forget("static")
    for step in STEPS:
        mark = step.mark(root)
        if stamps.is_done(step.name, mark):
            continue
        say(f"{step.words}…")
        done = manage(root, environment, *step.command)
        if done.returncode != 0:
            raise CannotRun(f"{step.words} failed:\n{(done.stdout + done.stderr)[-3000:]}")
        stamps.done(step.name, mark)


def manage(
    root: Path, environment: Mapping[str, str], *words: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command lines
        [sys.executable, "manage.py", *words],
        cwd=root,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
