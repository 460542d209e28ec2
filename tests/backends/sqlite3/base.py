"""Django's SQLite backend, with what is said in
tests/backends/ordering.py and tests/backends/flushing.py."""

from django.db.backends.sqlite3 import base, operations

from tests.backends.flushing import DeletingOperations


class DatabaseOperations(DeletingOperations, operations.DatabaseOperations):
    compiler_module = "tests.backends.sqlite_compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
