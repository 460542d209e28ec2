"""Counts and times each request."""

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from mgestion.monitoring import counters

_METHODS = frozenset({"GET", "HEAD", "POST"})


class RequestMetricsMiddleware:
    """Near the top, so that it also sees what other middlewares answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        view = name_view(request)
        method = request.method if request.method in _METHODS else "other"
        counters.requests.labels(view, method, response.status_code).inc()
        counters.request_seconds.labels(view).observe(time.perf_counter() - began)
        return response


def name_view(request: HttpRequest) -> str:
    """The name of the route: an address would be a series of its own for each key and person."""
    match = request.resolver_match
    if match is not None:
        return match.view_name or match.func.__name__
    return "static" if request.path.startswith(settings.STATIC_URL) else "unresolved"
