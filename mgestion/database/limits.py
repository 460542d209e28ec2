"""Limits of time for what asks the database, on either engine."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

READINESS_PATIENCE: Final = 2.0  # seconds


def limit_wait(wrapper: Any, seconds: float = READINESS_PATIENCE) -> AbstractContextManager[None]:
    """Commands on the connection of `wrapper` take at most `seconds`; SQLite has its own limit.

    psycopg is imported where PostgreSQL is used.
    """
    if wrapper.vendor != "postgresql":
        return nullcontext()
    from mgestion.database.postgresql import base

    wrapper.ensure_connection()
    return base.limit_wait(wrapper, seconds)


def is_database_away(trouble: BaseException | None) -> bool:
    """Whether `trouble` says that the database is down, full, silent or too slow."""
    from django.db import OperationalError, connection

    if not isinstance(trouble, OperationalError) or connection.vendor != "postgresql":
        return False
    from mgestion.database.postgresql.connection import is_unreachable

    return is_unreachable(trouble)
