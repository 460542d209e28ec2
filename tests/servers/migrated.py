"""A migrated SQLite database, kept until a migration changes: to migrate takes many seconds."""

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers.processes import ROOT

FOLDER = ROOT / ".pytest_cache" / "migrated"
KEPT = 3


def _fingerprint() -> str:
    """Of whatever the migrations' outcome hangs on: theirs, what they call, and the libraries."""
    sources = [
        *ROOT.glob("*/**/migrations/*.py"),
        *(ROOT / "mgestion" / "database").rglob("*.py"),
        ROOT / "requirements.txt",
    ]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def migrated_database() -> Path:
    """Its file, not to be written to. Whoever comes first makes it, others wait."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{_fingerprint()}.sqlite3"
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            with tempfile.TemporaryDirectory(dir=FOLDER) as making:
                _migrate(Path(making, "new.sqlite3"))
                Path(making, "new.sqlite3").rename(path)
            kept = sorted(FOLDER.glob("*.sqlite3"), key=lambda each: each.stat().st_mtime)
            for old in kept[:-KEPT]:
                old.unlink()
    return path


def _migrate(path: Path) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mgestion.settings",
            "MGESTION_MODE": "embedded",
            "MGESTION_TESTING": "1",
            "DATABASE_URL": f"sqlite:///{path}",
            "DATA_DIR": str(path.parent),
        },
        check=True,
    )
