"""Prepares the data folder before the servers start."""

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

from mgestion.launch.stamps import Stamps, compute_fingerprint
from mgestion.launch.trouble import LaunchError

FOLDERS = ("broker/queue", "broker/control", "logs", "static", "run")

DEMO_SOURCES = (
    "**/demo.py",
    "**/demo/*.py",
    "**/demo_*.py",
    "**/management/commands/load_demo.py",
    "mgestion/slots.py",
)
ROOMS = ("mgestion", "accounts", "registrations", "lifecycle")


@dataclass(frozen=True)
class PreparationStep:
    """A command of `manage.py`, run when the fingerprint of its inputs changes."""

    name: str
    words: str
    command: tuple[str, ...]
    mark: Callable[[Path], str]
    in_database: bool = True
    variables: tuple[str, ...] = ()  # of the environment, inputs too


def _in_each_package(patterns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{room}/{pattern}" for room in ROOMS for pattern in patterns)


def _fingerprint_migrations(root: Path) -> str:
    patterns = _in_each_package(("**/migrations/*.py",))
    # Libraries have migrations too (contenttypes, sessions, allauth).
    return compute_fingerprint(root, [*patterns, "requirements.txt"])


def _fingerprint_reference(root: Path) -> str:
    patterns = _in_each_package(("**/reference/*", "**/management/commands/load_reference.py"))
    return compute_fingerprint(root, patterns, also=[_fingerprint_migrations(root)])


def _fingerprint_demo(root: Path) -> str:
    return compute_fingerprint(
        root, _in_each_package(DEMO_SOURCES), also=[_fingerprint_reference(root)]
    )


def _fingerprint_static(root: Path) -> str:
    return compute_fingerprint(root, ["static/**/*", "mgestion/web/bundles.py", "requirements.txt"])


PREPARATION_STEPS = (
    PreparationStep(
        "database",
        "Preparing the database",
        ("migrate", "--no-input", "-v0"),
        _fingerprint_migrations,
    ),
    PreparationStep(
        "reference", "Loading the reference tables", ("load_reference",), _fingerprint_reference
    ),
    PreparationStep("demo", "Loading the demo data", ("load_demo",), _fingerprint_demo),
    PreparationStep(
        "platform",
        "Registering the second platform",
        ("register_demo_platform",),
        _fingerprint_demo,
        variables=("DEMO_PLATFORM_PORT",),
    ),
    PreparationStep(
        "static",
        "Collecting the static files",
        ("collectstatic", "--no-input", "--clear", "-v0"),
        _fingerprint_static,
        in_database=False,
    ),
)


def check_owner(folder: Path) -> None:
    """Raises LaunchError when `folder` belongs to another user."""
    if not folder.exists():
        return
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise LaunchError(
            f"{folder} belongs to {_get_user_name(owner)}, and you are "
            f"{_get_user_name(os.geteuid())}. Run as the owner, or move that folder away: it is "
            "made again."
        )


def _get_user_name(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"user {user_id}"


def make_folders(data: Path) -> None:
    """Creates the data folder, readable by its owner only, and its subfolders."""
    check_owner(data)
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in FOLDERS:
            (data / name).mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        raise LaunchError(f"{data} cannot be written: {trouble.strerror}.") from None


def empty_broker(data: Path) -> None:
    """Removes the messages of the last start, and half a message of a worker that was killed. To be
    called under the lock, before the workers start; the next sweep finds what they were about.
    """
    for folder in (data / "broker" / "queue", data / "broker" / "control"):
        for path in folder.iterdir():
            path.unlink()


@contextlib.contextmanager
def lock_folder(data: Path) -> Iterator[None]:
    """An exclusive lock on the data folder: two portals would each run a beat."""
    with (data / "run" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LaunchError(
                f"The portal already runs on {data}: stop it first (Ctrl-C where it was started)."
            ) from None
        yield


def prepare_data(
    root: Path, data: Path, environment: Mapping[str, str], say: Callable[[str], None]
) -> None:
    """Runs the steps whose inputs changed. Raises LaunchError with the output of a failed step."""
    stamps = Stamps(data / "run" / "stamps.json")
    if not (data / "portal.sqlite3").exists():
        stamps.forget(*(step.name for step in PREPARATION_STEPS if step.in_database))
    if not (data / "static" / "staticfiles.json").exists():
        stamps.forget("static")
    for step in PREPARATION_STEPS:
        mark = " ".join([step.mark(root), *(environment.get(name, "") for name in step.variables)])
        if stamps.is_done(step.name, mark):
            continue
        say(f"{step.words}…")
        done = run_manage_command(root, environment, *step.command)
        if done.returncode != 0:
            raise LaunchError(f"{step.words} failed:\n{(done.stdout + done.stderr)[-3000:]}")
        stamps.done(step.name, mark)


def run_manage_command(
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
