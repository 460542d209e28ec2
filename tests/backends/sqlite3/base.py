"""Django's SQLite backend, with what is said in
tests/backends/ordering.py and tests/backends/flushing.py."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any, ClassVar

from django.db.backends.sqlite3 import base, operations

from tests.backends.flushing import DeletingOperations


class DatabaseOperations(DeletingOperations, operations.DatabaseOperations):
    compiler_module = "tests.backends.sqlite_compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    # What the database in memory begins with (tests/servers/migrated.py); None once it is laid.
    migrated: ClassVar[Path | None] = None

    def get_new_connection(self, conn_params: Any) -> Any:
        connection = super().get_new_connection(conn_params)
        migrated = DatabaseWrapper.migrated
        if migrated is not None and self.is_in_memory_db():
            DatabaseWrapper.migrated = None
            with contextlib.closing(sqlite3.connect(migrated)) as source:
                source.backup(connection)
        return connection
