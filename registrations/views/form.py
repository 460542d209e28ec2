"""Being written."""

from typing import Any
from django.http import HttpRequest, HttpResponse


def new(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("…")


def edit(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("…")
