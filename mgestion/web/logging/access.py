"""One line for each request: who (an opaque id), from where, what, how long."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from mgestion.web.logging.masking import mask_keys
from mgestion.web.middleware.client_ip import client_ip
from mgestion.web.middleware.maintenance import OPEN_PATHS

_log = logging.getLogger("mgestion.access")
# What an investigator looks for: refusals of identity, of rights, of a limit.
_REFUSALS = frozenset({401, 403, 429})


class AccessLogMiddleware:
    """Just inside of the request id. Probes that are well are not worth a line.

    The path without its query: searches of staff hold people's addresses, and CAS tickets stand
    there. Keys in the path are masked.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        status = response.status_code
        if request.path in OPEN_PATHS and status == 200:
            return response
        milliseconds = round((time.perf_counter() - began) * 1000)
        # Set once the session was read; asking `request.user` would read it.
        user = getattr(getattr(request, "_cached_user", None), "public_id", None)
        facts = {
            "method": request.method,
            "path": mask_keys(request.path),
            "status": status,
            "milliseconds": milliseconds,
            "client": client_ip(request),
            "user": str(user) if user else "",
        }
        level = logging.WARNING if status in _REFUSALS or status >= 500 else logging.INFO
        _log.log(
            level,
            "%s %s %s, %s ms, from %s, user %s",
            *(facts["method"], facts["path"], status, milliseconds),
            *(facts["client"] or "-", facts["user"] or "-"),
            extra=facts,
        )
        return response
