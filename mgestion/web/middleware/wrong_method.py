"""A page for who opens an address that only a button may use: Django's own answer is empty, and
browsers then show one of theirs.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from mgestion.web.errors import render_error_page


class WrongMethodMiddleware:
    """The last one: nearest to the views, so that the others treat the page as any other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or response.content:
            return response
        answer: HttpResponse = render_error_page("405.html", 405)
        answer["Allow"] = response["Allow"]
        return answer
