"""Reading every text of every table, as a thief of the database would."""

import re
from collections.abc import Iterator

from django.contrib.sessions.models import Session
from django.db import connection

_TEXT = re.compile(r"char|text|json|clob|inet|uuid", re.IGNORECASE)


def texts() -> Iterator[tuple[str, str]]:
    """("table.column", text) of every text, JSON and address column; tables without a model too."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            columns = _text_columns(table)
            if not columns:
                continue
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


def _text_columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT column_name, data_type FROM information_schema.columns "
                "WHERE table_schema = current_schema() AND table_name = %s",
                [table],
            )
        else:
            cursor.execute("SELECT name, type FROM pragma_table_xinfo(%s)", [table])
        return [name for name, kind in cursor.fetchall() if _TEXT.search(kind)]


def _plain(text: str) -> str:
    """JSON of SQLite is stored with \\u escapes."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
