"""A GET never writes: scanners follow links in mails, browsers fetch ahead (ASVS 3.5.3).

The guard looks at the statements that leave for the database, in every environment. What a GET may
write is the closed list `WriteReason`.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import Any

from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class WriteReason(Enum):
    """Every write that a GET is allowed. Adding one is a decision, not a convenience."""

    CAS_LOGIN = "a live session opens a platform: a ticket is issued"
    CAS_VALIDATE = "a platform consumes a ticket"
    CAS_LOGOUT = "a platform sends the person to log out"
    API_CALL = "a platform calls the API: its token's use is counted"
    ACTIVITY_STAMP = "last activity, at most once a day"
    SESSION_SEEN = "a session's last use, at most every five minutes"
    DEAD_SESSION_ENDED = "a session that is no longer honoured is deleted"


class WriteOnGet(RuntimeError):
    """A page that must only read tried to write. A defect, shown as an error page."""


_allowed: ContextVar[WriteReason | None] = ContextVar("writes_allowed", default=None)

# Everything else is refused, so that a statement nobody thought of does not pass.
_HARMLESS = re.compile(
    r"\s*(?:SELECT|VALUES|EXPLAIN|SHOW|PRAGMA|SET|BEGIN|START|COMMIT|ROLLBACK|SAVEPOINT|RELEASE"
    r"|DECLARE|FETCH|CLOSE)\b",
    re.IGNORECASE,
)
_WITH = re.compile(r"\s*WITH\b", re.IGNORECASE)
_WRITING_WORD = re.compile(
    r"\b(?:INSERT|UPDATE|DELETE|MERGE|REPLACE)\b\s+(?:INTO|FROM|\"?\w)", re.IGNORECASE
)
_LEADING = re.compile(r"^(?:\s+|--[^\n]*\n|/\*.*?\*/|\()+", re.DOTALL)


@contextmanager
def allow_writes(reason: WriteReason) -> Iterator[None]:
    """Lets a GET write, for one of the reasons that exist."""
    token = _allowed.set(reason)
    try:
        yield
    finally:
        _allowed.reset(token)


def is_write(sql: str) -> bool:
    """Whether a statement may change rows or the schema. In doubt, yes."""
    statement = _LEADING.sub("", sql)
    if _WITH.match(statement):
        return bool(_WRITING_WORD.search(statement))
    return not _HARMLESS.match(statement)


def _guard_statement(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    if _allowed.get() is None and is_write(sql):
        raise WriteOnGet(f"A GET tried to write: {sql.strip()[:120]}")
    return execute(sql, params, many, context)


class ReadOnlyGetMiddleware:
    """Refuses writes while a request of a safe method is served."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in SAFE_METHODS:
            return self.get_response(request)
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(_guard_statement))
            return self.get_response(request)
