"""The gate before the portal's pages for people who have not accepted the terms in force. That of a
platform's specific conditions stands before this platform alone (`accounts.entry.gates`).

It stops pages that are read, never a form that is posted: what somebody typed under the old terms
is not lost. Public pages stay open, and so do the ways out (`slots.open_before_terms`): logging
out, asking for closure, one's own data.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection, models
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.expressions import RawSQL
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


TERMS: Final = "version.platform_id IS NULL"


def write_waiting_document(*, user: str, documents: str) -> str:
    """`terms_to_accept` as a value in SQL, for statements that are run at each page or ticket: the
    query builder takes many times longer to write it than the database to answer. NULL when nothing
    waits; 0 when the terms do; else the platform whose conditions do.

    `user`: SQL. `documents`: which ones, a condition on `version`. Takes the moment between both.
    """
    return f"""(
        SELECT MIN(in_force.document) FROM (
            SELECT version.id, version.requires_acceptance,
                   COALESCE(version.platform_id, 0) AS document,
                   ROW_NUMBER() OVER (PARTITION BY version.platform_id
                                      ORDER BY version.effective_at DESC, version.id DESC) AS place
            FROM legal_termsversion AS version
            WHERE {documents}
              AND version.published_at IS NOT NULL AND version.effective_at <= %s
              AND NOT EXISTS (SELECT 1 FROM legal_termswithdrawal AS withdrawal
                              WHERE withdrawal.version_id = version.id)) AS in_force
        WHERE in_force.place = 1 AND in_force.requires_acceptance
          AND NOT EXISTS (SELECT 1 FROM legal_termsacceptance AS accepted
                          WHERE accepted.version_id = in_force.id
                            AND accepted.user_id = {user}))"""  # noqa: S608 - SQL of ours


_TERMS_WAIT: Final = write_waiting_document(user="%s", documents=TERMS)
_CONDITIONS_WAIT: Final = write_waiting_document(
    user="%s", documents="version.platform_id = habilitations_access.platform_id"
)


def do_terms_wait(user: User, now: datetime) -> bool:
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(now)
        cursor.execute(f"SELECT {_TERMS_WAIT}", [moment, user.pk])
        return cursor.fetchone()[0] is not None


def conditions_wait(user: User, now: datetime) -> RawSQL | Value:
    """An annotation of accesses: not None when the specific conditions of their platform wait for
    `user`.
    """
    if not settings.TERMS_GATE_URL_NAME:
        return Value(None)
    moment = connection.ops.adapt_datetimefield_value(now)
    values = [moment, user.pk]
    return RawSQL(_CONDITIONS_WAIT, values, models.IntegerField())  # noqa: S611 - SQL of ours


def get_conditions_gate_url(platform: Platform, path: str) -> str:
    """The page that asks to accept the specific conditions of `platform` before `path`, a page of
    this portal that belongs to it.
    """
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
        if not do_terms_wait(user, timezone.now()):
            return None
        here = local_path(request.get_full_path())
        query = f"?{urlencode({'next': here})}" if here else ""
        return HttpResponseRedirect(f"{reverse(settings.TERMS_GATE_URL_NAME)}{query}")


def _is_open_page(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is not None and match.view_name in (settings.TERMS_GATE_URL_NAME, "admin:jsi18n"):
        return True
    return any(request.path.startswith(paths) for paths in slots.open_before_terms.values())
