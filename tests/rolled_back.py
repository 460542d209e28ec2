"""Many cases in one world: what a case does to the database is undone before the next one."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def rolled_back() -> Iterator[None]:
    """A bare savepoint: code inside may open a durable transaction, as in the test itself. A case
    that leaves a foreign key to a row that is gone fails: at the end of the test it is undone.
    """
    savepoint = transaction.savepoint()
    try:
        yield
        connection.check_constraints()
    finally:
        transaction.savepoint_rollback(savepoint)
