"""A demo's database whose migrations are not this version's: kept under another name, made anew."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

APPLICATIONS = ("mgestion", "accounts", "registrations", "lifecycle")


def set_aside_older_database(root: Path, data: Path, say: Callable[[str], None]) -> None:
    """Renames `portal.sqlite3` when it knows migrations that `root` does not have."""
    database = data / "portal.sqlite3"
    known = _known_migrations(root)
    labels = {label for label, _ in known}
    if not database.exists() or _applied_migrations(database, labels) <= known:
        return
    kept = _free_name(data)
    database.rename(kept)  # its write-ahead log was merged when the last connection was closed
    say(
        f"The database of an earlier version was set aside as {kept.name}; a new one is made. "
        "It held demonstration data only: delete it when you like."
    )


def _free_name(data: Path) -> Path:
    number = 1
    while (kept := data / f"portal-before-{number}.sqlite3").exists():
        number += 1
    return kept


def _known_migrations(root: Path) -> set[tuple[str, str]]:
    """(application's label, migration's name) of the project's own files."""
    return {
        (file.parent.parent.name, file.stem)
        for application in APPLICATIONS
        for file in (root / application).glob("**/migrations/[0-9]*.py")
    }


def _applied_migrations(database: Path, labels: set[str]) -> set[tuple[str, str]]:
    """Those of the applications with these labels; nothing when the file holds no such table."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        try:
            rows = connection.execute("select app, name from django_migrations").fetchall()
        except sqlite3.DatabaseError:
            return set()
    return {(label, name) for label, name in rows if label in labels}
