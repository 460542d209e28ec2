"""One id per request: in the response, in log lines, in the journal."""

import logging
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_current: ContextVar[str] = ContextVar("request_id", default="")
_KEY = "mgestion.request_id"
_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,40}")


def current_request_id() -> str:
    """The id of the request being served or of the task that runs, "" outside both."""
    return _current.get()


@contextmanager
def bind_request_id(value: str) -> Iterator[None]:
    """For what runs outside a request and writes log lines and the journal: a task."""
    token = _current.set(value)
    try:
        yield
    finally:
        _current.reset(token)


class RequestIdMiddleware:
    """Outermost: whatever answers, the answer carries the id.

    An id from outside is taken only when a proxy of ours stands before (it sets or vouches for the
    header), and only when it is well formed; it would end up in logs and in the journal.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXY_COUNT else ""
        request_id = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        request.META[_KEY] = request_id
        with bind_request_id(request_id):
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            return response


class RequestIdFilter(logging.Filter):
    """Gives each log record the id of the request it was written in."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        # Django logs 4xx and 5xx after the middleware is left, with the request beside.
        outside = request.META.get(_KEY, "") if isinstance(request, HttpRequest) else ""
        record.request_id = _current.get() or outside or "-"
        return True
