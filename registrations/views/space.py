"""Being written."""

from typing import Any

from django.http import HttpRequest, HttpResponse


def landing(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("…")


def services(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("…")


def authenticate(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("…")
