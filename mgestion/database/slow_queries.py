"""Logs statements that take long, without their values."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created

_log = logging.getLogger(__name__)
_LONGEST = 600  # characters of the statement


def watch_statements() -> None:
    """For each connection that this process opens from now on."""
    connection_created.connect(_watch_connection, dispatch_uid="slow_queries")


def _watch_connection(connection: Any, **_: Any) -> None:
    # First, not last: the guard of GETs may be on already, and leaves by taking the last one off.
    if _time_statement not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _time_statement)


def _time_statement(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    began = time.monotonic()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = time.monotonic() - began
        if seconds >= settings.SLOW_QUERY.total_seconds():
            # Values are parameters, which are not logged.
            _log.warning(
                "A statement took %.1f s: %s",
                seconds,
                str(sql)[:_LONGEST],
                extra={"milliseconds": round(seconds * 1000)},
            )
