"""Rows that the portal's own code writes once a process; the next tests get them by the same few
INSERT statements, without the work of the ORM.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.sql import InsertQuery


class KeptRows:
    """The rows of `tables` as `load` leaves them."""

    def __init__(self, load: Callable[[], object], *tables: type[Model]) -> None:
        self._load = load
        self._tables = tables
        self._inserts: list[tuple[str, Any]] = []

    def fill(self) -> None:
        """Fills the tables of the test's database, if the first is empty."""
        if not self._tables[0]._default_manager.exists():
            self.put()

    def put(self) -> None:
        if not self._inserts:
            self._load()
            for table in self._tables:
                self._inserts += _inserts(table)
            self._inserts = _fill_in(self._inserts)
            return
        with connection.cursor() as cursor:
            for sql, params in self._inserts:
                cursor.execute(sql, params)


def _fill_in(inserts: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """For PostgreSQL one string that holds its values: psycopg would write them into it each time,
    which takes longer than the rows. Nor are their foreign keys checked anew at each test's end.
    """
    if connection.vendor != "postgresql":
        return inserts
    compose: Callable[[str, Any], str] = connection.ops.compose_sql  # type: ignore[attr-defined]
    role = "SET LOCAL session_replication_role = "
    filled_in = (compose(sql, params) for sql, params in inserts)
    return [("; ".join((f"{role}replica", *filled_in, f"{role}origin")), None)]


def _inserts(table: type[Model]) -> list[tuple[str, Any]]:
    rows = list(table._base_manager.order_by("pk"))  # noqa: SLF001 - all rows, no filter of ours
    if not rows:
        return []
    fields = [field for field in table._meta.local_concrete_fields if not field.generated]
    query = InsertQuery(table)
    query.insert_values(fields, rows, raw=True)
    return list(query.get_compiler(connection=connection).as_sql())
