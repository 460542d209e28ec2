"""Django's SQLite backend, with unordered rows shuffled (tests/backends/ordering.py)."""

from django.db.backends.sqlite3 import base, operations


class DatabaseOperations(operations.DatabaseOperations):
    compiler_module = "tests.backends.sqlite_compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
