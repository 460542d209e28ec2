"""Django's PostgreSQL backend with limits of time, for processes that serve people."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, ClassVar, Final

import psycopg
from django.db.backends.postgresql import base

from mgestion.database.postgresql.connection import BoundedConnection, ServerSilent, circuit

# The client waits a little longer than the server may take: its own refusal says more.
_GRACE: Final = 2.0
_HEALTH_PATIENCE: Final = 2.0  # seconds for the SELECT 1 on a connection that was kept

# The DB-API module, whose connect() gives our connections.
_driver = SimpleNamespace(**{**vars(psycopg), "connect": BoundedConnection.connect})


class DatabaseWrapper(base.DatabaseWrapper):
    Database: Any = _driver
    # Of this process. 0, no limit, until it asks for one: jobs and commands may take long.
    statement_seconds: ClassVar[float] = 0.0

    def get_connection_params(self) -> dict[str, Any]:
        found: dict[str, Any] = super().get_connection_params()
        pooled = self.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
        if self.statement_seconds and not pooled:  # a pooler refuses options of a session
            mine = f"-c statement_timeout={int(self.statement_seconds * 1000)}"
            found["options"] = f"{found.get('options', '')} {mine}".strip()
        return found

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not self.statement_seconds:
            return super().get_new_connection(conn_params)
        if not circuit.may_try():
            raise ServerSilent("the database did not answer a moment ago")
        answers = False
        try:
            connection = super().get_new_connection(conn_params)
            answers = True
        finally:
            circuit.record(answers=answers)
        connection.patience = self.statement_seconds + _GRACE
        return connection

    def is_usable(self) -> bool:
        with limit_wait(self, _HEALTH_PATIENCE):
            return bool(super().is_usable())


def limit_statements(seconds: float) -> None:
    """No statement of this process takes longer, and nothing waits for a silent server."""
    DatabaseWrapper.statement_seconds = seconds


@contextmanager
def limit_wait(wrapper: base.DatabaseWrapper, seconds: float) -> Iterator[None]:
    """Commands on the open connection of `wrapper` take at most `seconds`."""
    connection = wrapper.connection
    if not isinstance(connection, BoundedConnection):
        yield
        return
    kept, connection.patience = connection.patience, seconds
    try:
        yield
    finally:
        connection.patience = kept
