"""Every HTML page that a test sees: nothing inline that the CSP blocks, a token in each form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase

DATA_BLOCKS = frozenset({"application/json", "application/ld+json"})

_suspended = False


class PageFault(AssertionError):
    """A page breaks a rule that holds for all pages."""


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._open_post_form: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        where = self.get_starttag_text()
        if tag == "script" and "src" not in values and values.get("type") not in DATA_BLOCKS:
            self.faults.append(f"inline script: {where}")
        if tag == "style":
            self.faults.append("inline <style>")
        for name, value in values.items():
            if name == "style":
                self.faults.append(f"style attribute: {where}")
            elif name.startswith("on") and name != "on":
                self.faults.append(f"inline handler: {where}")
            elif value.strip().lower().startswith("javascript:"):
                self.faults.append(f"javascript: address: {where}")
        if tag == "form" and values.get("method", "").lower() == "post":
            self._close_form()
            self._open_post_form = where
        if tag == "input" and values.get("name") == "csrfmiddlewaretoken":
            self._open_post_form = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._close_form()

    def close(self) -> None:
        super().close()
        self._close_form()

    def _close_form(self) -> None:
        if self._open_post_form is not None:
            self.faults.append(f"form without a CSRF token: {self._open_post_form}")
        self._open_post_form = None


def faults_of(html: str) -> list[str]:
    """What is wrong with a page, in words; empty when nothing is."""
    page = _Page()
    page.feed(html)
    page.close()
    return page.faults


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
