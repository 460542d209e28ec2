"""Probes and Prometheus ask by the address of a container or a pod, which ALLOWED_HOSTS lacks."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from mgestion.web.middleware.maintenance import OPEN_PATHS


class MonitoringHostMiddleware:
    """Answers /healthz, /readyz and /metrics under any Host. None of them builds an address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path in OPEN_PATHS and settings.ALLOWED_HOSTS:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].lstrip(".")
        return self.get_response(request)
