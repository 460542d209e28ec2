"""The gate before the portal for those who have not accepted the terms in force (D37).

It stands in the way of pages that are read, never of a form that is posted: what somebody typed
under the old terms is not lost. What is public stays open, and so do the ways out (settings
`TERMS_GATE_OPEN`): logging out, asking for closure, one's own data.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.models import User
from mgestion.web.safe_redirect import local_path

_READ: Final = "_terms_in_force"


def terms_in_force(request: HttpRequest, now: datetime) -> TermsVersion | None:
    """The version in force, without its text: read once for a request. `now`: aware."""
    known = vars(request)
    if _READ not in known:
        known[_READ] = TermsVersion.objects.defer("body").in_force(now)
    version: TermsVersion | None = known[_READ]
    return version


def must_accept(user: User, now: datetime) -> TermsVersion | None:
    """The version that `user` has to accept before he goes on, or None. `now`: aware.

    One statement while the version in force asks for nothing, else two. The text is not read.
    """
    return not_accepted(user, TermsVersion.objects.defer("body").in_force(now))


def not_accepted(user: User, version: TermsVersion | None) -> TermsVersion | None:
    """`version` when it asks for acceptance and `user` has not given it."""
    if version is None or not version.requires_acceptance:
        return None
    accepted = TermsAcceptance.objects.filter(user=user, version=version).exists()
    return None if accepted else version


class TermsGateMiddleware:
    """After authentication and the second factor. Costs nothing to who is not signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.method not in ("GET", "HEAD") or not settings.TERMS_GATE_URL_NAME:
            return None
        if not getattr(view, "login_required", True) or _is_open(request):
            return None
        user = request.user
        if not isinstance(user, User):
            return None
        if not_accepted(user, terms_in_force(request, timezone.now())) is None:
            return None
        here = local_path(request.get_full_path())
        query = f"?{urlencode({'next': here})}" if here else ""
        return HttpResponseRedirect(f"{reverse(settings.TERMS_GATE_URL_NAME)}{query}")


def _is_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is not None and match.view_name in (settings.TERMS_GATE_URL_NAME, "admin:jsi18n"):
        return True
    return request.path.startswith(tuple(settings.TERMS_GATE_OPEN))
