"""Content-Security-Policy: django-csp's, whose work on an ordinary response is done once."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """django-csp writes both its policies anew for each response. One that adds nothing to ours
    (no update, exemption or nonce) gets the text that was made at the start.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self._ordinary = build_policy()
        self._alone = getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None) is None

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        own = any(name.startswith("_csp") for name in (*vars(response), *vars(request)))
        if own or not self._alone:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._ordinary)
        return response
