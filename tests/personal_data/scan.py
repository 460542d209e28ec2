"""Reading every text of every table, as a thief of the database would."""

import re
from collections.abc import Iterator
from functools import cache

from django.contrib.sessions.models import Session
from django.db import connection

_TEXT = re.compile(r"char|text|json|clob|inet|uuid", re.IGNORECASE)


def texts() -> Iterator[tuple[str, str]]:
    """("table.column", text) of every text, JSON and address column; tables without a model too."""
    with connection.cursor() as cursor:
        for table, columns in _text_columns().items():
            listed = ", ".join(f"CAST({quote(name)} AS text)" for name in columns)
            cursor.execute(f"SELECT {listed} FROM {quote(table)}")  # noqa: S608
            for row in cursor.fetchall():
                for name, value in zip(columns, row, strict=True):
                    if value:
                        yield f"{table}.{name}", str(value)
    for session in Session.objects.all():  # encoded in its column
        yield "django_session.decoded", str(session.get_decoded())


def found(pattern: re.Pattern[str]) -> set[str]:
    """The columns where `pattern` is."""
    return {name for name, text in texts() if pattern.search(_plain(text))}


def quote(name: str) -> str:
    return connection.ops.quote_name(name)


@cache
def _text_columns() -> dict[str, list[str]]:
    """Of each table that has any."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT table_name, column_name, data_type FROM information_schema.columns "
                "JOIN information_schema.tables USING (table_schema, table_name) "
                "WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
            )
        else:
            cursor.execute(
                "SELECT m.name, x.name, x.type FROM sqlite_master AS m, pragma_table_xinfo(m.name) "
                "AS x WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
            )
        for table, name, kind in cursor.fetchall():
            if _TEXT.search(kind):
                found.setdefault(table, []).append(name)
    return found


def _plain(text: str) -> str:
    """JSON of SQLite is stored with \\u escapes."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
