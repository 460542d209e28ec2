"""Migrated databases, kept until a migration changes: to migrate takes many seconds."""

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.servers.errors import ServerFailed
from tests.servers.processes import ROOT

FOLDER = ROOT / ".pytest_cache" / "migrated"
KEPT = 3


def _fingerprint() -> str:
    """Of whatever the migrations' outcome hangs on: theirs, what they call, and the libraries."""
    sources = [
        *ROOT.glob("[!.]*/**/migrations/*.py"),
        *(ROOT / "mgestion" / "database").rglob("*.py"),
        ROOT / "requirements.txt",
    ]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def keep_migrated(kind: str, make: Callable[[Path], None]) -> Path:
    """The kept file of this kind, not to be written to. The first one makes it, others wait."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{_fingerprint()}.{kind}"
    with (FOLDER / f"lock-{kind}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            with tempfile.TemporaryDirectory(dir=FOLDER) as making:
                make(Path(making, "new"))
                Path(making, "new").rename(path)
            kept = sorted(FOLDER.glob(f"*.{kind}"), key=lambda each: each.stat().st_mtime)
            for old in kept[:-KEPT]:
                old.unlink()
    return path


def migrated_database() -> Path:
    """SQLite's file."""
    return keep_migrated("sqlite3", lambda path: migrate(f"sqlite:///{path}", path.parent))


def migrate(database_url: str, data: Path) -> None:
    """Raises ServerFailed with what Django said."""
    run_on_database(database_url, data, "manage.py", "migrate", "--verbosity", "0")


def run_on_database(database_url: str, data: Path, *words: str) -> str:
    """What Python says of these `words`, in a process of its own with this database.

    Raises ServerFailed with its errors.
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *words],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mgestion.settings",
            "MGESTION_MODE": "embedded",
            "MGESTION_TESTING": "1",
            "DATABASE_URL": database_url,
            "DATA_DIR": str(data),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ServerFailed(f"{' '.join(words)} failed:\n{done.stderr}")
    return done.stdout
