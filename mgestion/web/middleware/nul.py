"""Refuses the NUL character where no form looks: in addresses, queries and cookies.

PostgreSQL cannot hold it in a text, so that a look-up by such a value is an error of the server,
where it is only nonsense of the client. Forms refuse it themselves, field by field.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from mgestion.web import programs
from mgestion.web.errors import bad_request


def has_nul(request: HttpRequest) -> bool:
    """Whether the address or a cookie of `request` holds a NUL, encoded or not."""
    query = request.META.get("QUERY_STRING", "")
    if "\0" in request.path_info or "%00" in query or "\0" in query:
        return True
    # In a cookie it is written as an octal escape between quotes, which Django decodes.
    return "\\000" in request.META.get("HTTP_COOKIE", "")


class NulMiddleware:
    """Answers 400; nothing is read nor written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return _refuse_request(request) if has_nul(request) else self.get_response(request)


def _refuse_request(request: HttpRequest) -> HttpResponseBase:
    for_program = programs.answer_program(request, programs.UNREADABLE)
    return for_program or bad_request(request)
