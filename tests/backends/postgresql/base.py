"""Django's PostgreSQL backend, with unordered rows shuffled (tests/backends/ordering.py)."""

from django.db.backends.postgresql import base, operations


class DatabaseOperations(operations.DatabaseOperations):
    compiler_module = "tests.backends.postgresql_compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
