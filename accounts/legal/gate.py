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
from mgestion.statements import Statement, moment
from mgestion.web.safe_redirect import local_path

_READ: Final = "_terms_in_force"
_KNOWN: Final = (  # all but the text
    "id",
    "slug",
    "label",
    "demonstration",
    "requires_acceptance",
    "published_at",
    "effective_at",
)
# By hand, since each page asks. As `TermsVersionQuerySet.in_force`; takes the moment.
_IN_FORCE: Final = """
    SELECT *
    FROM legal_termsversion
    WHERE published_at IS NOT NULL AND effective_at <= %s
    ORDER BY effective_at DESC, id DESC
    LIMIT 1
"""
_WAITS: Final = """
    version.requires_acceptance AND NOT EXISTS (
        SELECT 1 FROM legal_termsacceptance AS accepted
        WHERE accepted.version_id = version.id AND accepted.user_id = {person})
"""
_CURRENT: Final = Statement(
    TermsVersion,
    f"SELECT {{row}} FROM ({_IN_FORCE}) AS version",  # noqa: S608
    alias="version",
    only=_KNOWN,
)
_TO_ACCEPT: Final = Statement(
    TermsVersion,
    f"SELECT {{row}} FROM ({_IN_FORCE}) AS version WHERE {_WAITS.format(person='%s')}",  # noqa: S608
    alias="version",
    only=_KNOWN,
)
# A condition for a statement in which `session` has the person's `user_id`: nothing waits for his
# acceptance. Takes the moment.
NOTHING_TO_ACCEPT: Final = (
    f"NOT EXISTS (SELECT 1 FROM ({_IN_FORCE}) AS version "  # noqa: S608
    f"WHERE {_WAITS.format(person='session.user_id')})"
)


def terms_in_force(request: HttpRequest, now: datetime) -> TermsVersion | None:
    """The version in force, without its text: read once for a request. `now`: aware."""
    known = vars(request)
    if _READ not in known:
        known[_READ] = _CURRENT.first([moment(now)])
    version: TermsVersion | None = known[_READ]
    return version


def must_accept(user: User, now: datetime) -> TermsVersion | None:
    """The version that `user` has to accept before he goes on, or None. `now`: aware.

    One statement. The text is not read.
    """
    return _TO_ACCEPT.first([moment(now), user.pk])


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
