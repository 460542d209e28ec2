"""The journal's triggers refuse to be emptied; the flush after a transactional test needs to.

The window is a row of `journal_purge_window`, a table without a model. It is open only while
Django flushes the tables, and closed before each test.
"""

from __future__ import annotations

from functools import cache

from django.db import connection

TABLE = "journal_purge_window"


@cache
def _exists() -> bool:
    return TABLE in connection.introspection.table_names()


def set_window(*, is_open: bool) -> None:
    """Opens or closes the purge window on the default connection."""
    if not _exists():
        return
    value = is_open if connection.vendor == "postgresql" else int(is_open)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET open = %s", [value])  # noqa: S608
