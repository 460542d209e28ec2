"""Programs that call over plain http are refused, not redirected (ASVS 4.1.2).

A redirect would mend the call and hide that its token or ticket travels in clear each time: who
configures the platform must see it. People are led to https by Django's SecurityMiddleware, next.
"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from mgestion.web import programs
from mgestion.web.middleware.client_ip import client_ip

_log = logging.getLogger(__name__)


class PlainHttpMiddleware:
    """403 in the program's own format, and a line in the log. In production only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not settings.SECURE_SSL_REDIRECT or request.is_secure():
            return self.get_response(request)
        refused = programs.answer_program(request, programs.HTTPS_REQUIRED)
        if refused is None:
            return self.get_response(request)
        _log.warning(
            "A program called %s over plain http from %s", request.path, client_ip(request)
        )
        return refused
