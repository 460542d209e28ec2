"""Append-only tables refuse to be emptied; the flush after a transactional test needs to.

The window is open only while Django flushes the tables, and closed before each test.
"""

from __future__ import annotations

from functools import cache

from django.db import connection

from mgestion.database import append_only


@cache
def _exists() -> bool:
    postgresql = connection.vendor == "postgresql"
    return postgresql or append_only.WINDOW in connection.introspection.table_names()


def set_window(*, is_open: bool) -> None:
    """Opens or closes the purge window on the default connection."""
    if _exists():
        append_only.set_window(is_open=is_open, whole_session=True)


def is_open() -> bool:
    """Whether the window is open as the default connection sees it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT current_setting(%s, true) = 'open'", [append_only.VARIABLE])
        else:
            cursor.execute(f"SELECT open FROM {append_only.WINDOW}")  # noqa: S608
        row = cursor.fetchone()
    return row is not None and bool(row[0])
