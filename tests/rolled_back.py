"""Many cases in one world: what a case does to the database is undone before the next one."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def rolled_back() -> Iterator[None]:
    """A bare savepoint: code inside may open a durable transaction, as in the test itself."""
    savepoint = transaction.savepoint()
    yield
    transaction.savepoint_rollback(savepoint)
