"""Headers that the protocol asks for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")  # the standard's name, and older ones
_PAST = "Thu, 01 Jan 1970 00:00:00 GMT"


def never_cached(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """No copy anywhere, said in every dialect that caches have spoken."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["Pragma"] = "no-cache"
        response["Expires"] = _PAST
        return response

    return wrapped


def refuse_prefetch(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuses a browser that fetches or renders a page before its reader asks: here a GET acts.
    It drops the answer, and asks again when the person comes.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        said = " ".join(request.headers.get(name, "") for name in _AHEAD).lower()
        if "prefetch" in said or "preview" in said or "prerender" in said:
            return HttpResponse(status=403, content_type="text/plain; charset=utf-8")
        return view(request, *args, **kwargs)

    return wrapped


def protect_ticket_answer(response: HttpResponse) -> HttpResponse:
    """The answer that hands a ticket over tells nobody where it came from, and is read by
    nobody else.
    """
    response["Referrer-Policy"] = "no-referrer"
    return response
