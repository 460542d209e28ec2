"""Being written."""

from typing import Any
from django.http import HttpRequest, HttpResponse


def show(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("…")


def cancel(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("…")
