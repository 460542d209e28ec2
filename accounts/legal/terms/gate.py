"""The gate before the portal's pages for people who have not accepted the terms in force. That of a
platform's specific conditions stands before this platform alone (`accounts.entry.gates`).

It stops pages that are read, never a form that is posted: what somebody typed under the old terms
is not lost. Public pages stay open, and so do the ways out (`slots.open_before_terms`): logging
out, asking for closure, one's own data.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from accounts.habilitations.platforms.models import Platform
from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.people.models import User
from mgestion import slots
from mgestion.web.safe_redirect import local_path


def terms_to_accept(
    user: int | OuterRef, now: datetime, platform: Platform | int | OuterRef | None = None
) -> QuerySet[TermsVersion]:
    """The version in force at `now` (aware) when it asks for acceptance and the account `user` has
    not given it; else nothing. Nothing either where the portal has no page to accept on.

    `platform`: whose specific conditions; None: the general terms.
    """
    if not settings.TERMS_GATE_URL_NAME:
        return TermsVersion.objects.none()
    published = TermsVersion.objects.of(platform).published()
    in_force = published.filter(effective_at__lte=now).values("pk")[:1]
    accepted = TermsAcceptance.objects.filter(user=user, version=OuterRef("pk"))
    return TermsVersion.objects.filter(~Exists(accepted), pk__in=in_force, requires_acceptance=True)


def find_conditions_gate(user: User, platform: Platform, path: str, now: datetime) -> str:
    """The page that asks to accept the specific conditions of `platform` before `path`, a page of
    this portal that belongs to it; "" when nothing waits.
    """
    if not terms_to_accept(user.pk, now, platform).exists():
        return ""
    gate = reverse(settings.CONDITIONS_GATE_URL_NAME, args=[platform.code])
    return f"{gate}?{urlencode({'next': path})}"


class TermsGateMiddleware:
    """Stands after authentication and the second factor. Visitors cost no statement."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.method not in ("GET", "HEAD") or not settings.TERMS_GATE_URL_NAME:
            return None
        if not getattr(view, "login_required", True) or _is_open_page(request):
            return None
        user = request.user
        if not isinstance(user, User):
            return None
        if not terms_to_accept(user.pk, timezone.now()).exists():
            return None
        here = local_path(request.get_full_path())
        query = f"?{urlencode({'next': here})}" if here else ""
        return HttpResponseRedirect(f"{reverse(settings.TERMS_GATE_URL_NAME)}{query}")


def _is_open_page(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is not None and match.view_name in (settings.TERMS_GATE_URL_NAME, "admin:jsi18n"):
        return True
    return any(request.path.startswith(paths) for paths in slots.open_before_terms.values())
