"""Every HTML page that a test sees: nothing inline that the CSP blocks, a token in each form."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from lxml import etree

# In words → what has the fault. libxml2 reads a page twenty times faster than Python's own parser.
_FAULTS = {
    "inline script": '//script[not(@src) and not(@type="application/json")'
    ' and not(@type="application/ld+json")]',
    "inline <style>": "//style",
    "style attribute": "//@style/..",
    "inline handler": '//@*[starts-with(name(), "on") and string-length(name()) > 2]/..',
    "javascript: address": '//@*[contains(., ":")][starts-with(translate(normalize-space(.),'
    ' "JAVSCRIPT", "javscript"), "javascript:")]/..',
    "form without a CSRF token": '//form[translate(@method, "POST", "post") = "post"'
    ' and not(.//input[@name="csrfmiddlewaretoken"])]',
}
_SEARCHES = {words: etree.XPath(path) for words, path in _FAULTS.items()}

_PARSER = etree.HTMLParser(encoding="utf-8")

_suspended = False


class PageFault(AssertionError):
    """A page breaks a rule that holds for all pages."""


def faults_of(html: str) -> list[str]:
    """What is wrong with a page, in words; empty when nothing is."""
    page = etree.HTML(html.encode(), _PARSER) if html.strip() else None
    if page is None:
        return []
    return [
        f"{words}: {_opening_tag(found)}"
        for words, search in _SEARCHES.items()
        for found in cast("list[Any]", search(page))
    ]


def _opening_tag(element: Any) -> str:
    written: str = etree.tostring(element, encoding="unicode", method="html")
    return written.partition(">")[0] + ">"


@contextmanager
def suspended() -> Iterator[None]:
    """For tests of pages that are not ours."""
    global _suspended
    _suspended = True
    try:
        yield
    finally:
        _suspended = False


class HtmlGuardMiddleware:
    """Outermost in the tests, so that error pages and redirects of any middleware pass here too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if _suspended or not isinstance(response, HttpResponse):
            return response
        if response.get("Content-Type", "").startswith("text/html"):
            faults = faults_of(response.content.decode())
            if faults:
                raise PageFault(f"{request.path}: " + "; ".join(sorted(set(faults))))
        return response
