"""The portal's PostgreSQL backend, with what is said in
tests/backends/ordering.py and tests/backends/flushing.py."""

from django.db.backends.postgresql import operations

from mgestion.database.postgresql import base
from tests.backends.flushing import DeletingOperations


class DatabaseOperations(DeletingOperations, operations.DatabaseOperations):
    compiler_module = "tests.backends.postgresql_compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
