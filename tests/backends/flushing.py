"""How the tables are emptied after a transactional test: by DELETE, in the purge window.

Django truncates every table of PostgreSQL, used or not, which costs a fifth of a second of
processor time. Content types and permissions stay: migrations wrote them, no test changes them
(`tests.conftest.django_db_setup`).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from mgestion.database.append_only import purge_window

WRITTEN_BY_MIGRATIONS = frozenset({"django_content_type", "auth_permission"})


class DeletingOperations:
    """Mixed into the operations of a backend."""

    def sql_flush(self, style: Any, tables: Sequence[str], **options: bool) -> list[str]:
        assert not any(options.values()), f"{options}: not needed so far"
        emptied = [table for table in tables if table not in WRITTEN_BY_MIGRATIONS]
        return [f'DELETE FROM "{table}"' for table in emptied]  # noqa: S608 - names of our tables

    def execute_sql_flush(self, sql_list: Iterable[str]) -> None:
        if connection.vendor == "postgresql":
            sql_list = ["; ".join(sql_list)]  # said at once: there are a hundred tables
        with transaction.atomic(), purge_window():
            super().execute_sql_flush(sql_list)  # type: ignore[misc]
