"""The journal's triggers refuse to be emptied; the flush after a transactional test needs to.

The window is a row of a table without a model (mgestion.journal.triggers). It is open only while
Django flushes the tables, and closed before each test.
"""

from __future__ import annotations

from functools import cache

from django.db import connection

from mgestion.journal.triggers import WINDOW


@cache
def _exists() -> bool:
    return WINDOW in connection.introspection.table_names()


def set_window(*, is_open: bool) -> None:
    """Opens or closes the purge window on the default connection."""
    if not _exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {WINDOW} SET open = %s", [is_open])  # noqa: S608


def is_open() -> bool:
    """Whether the window is open as the default connection sees it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT open FROM {WINDOW}")  # noqa: S608
        row = cursor.fetchone()
    return row is not None and bool(row[0])
