"""Terms, legal notice, privacy, cookies, accessibility: read without signing in."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.legal.consent import cookie_register as register
from accounts.legal.models import TermsVersion, TermsWithdrawal
from accounts.legal.pages import retention
from accounts.legal.terms import markup
from accounts.legal.terms.flows import get_current_version


def _get_version_state(version: TermsVersion, current: TermsVersion | None) -> str:
    """`current`, `future` or `past`, for a published version."""
    if current is not None and version.pk == current.pk:
        return "current"
    if current is None or (
        version.effective_at
        and current.effective_at
        and version.effective_at > current.effective_at
    ):
        return "future"
    return "past"


def _render_version(
    request: HttpRequest, version: TermsVersion, current: TermsVersion | None
) -> HttpResponse:
    context: dict[str, Any] = {
        "version": version,
        "state": _get_version_state(version, current),
        "contents": markup.build_contents(version.body),
        "terms_html": markup.format_for_page(version.body),
    }
    return render(request, "legal/terms/terms.html", context)


@login_not_required
@require_safe
def terms_view(request: HttpRequest) -> HttpResponse:
    """The version in force."""
    version = get_current_version(timezone.now())
    if version is None:
        raise Http404("no version of the terms is in force")
    return _render_version(request, version, version)


@login_not_required
@require_safe
def terms_version_view(request: HttpRequest, slug: str) -> HttpResponse:
    """A published version, past, present or to come, as it was published."""
    version = TermsVersion.objects.published().filter(slug=slug).first()
    if version is None:
        return _render_withdrawn(request, slug)
    return _render_version(request, version, get_current_version(timezone.now()))


def _render_withdrawn(request: HttpRequest, slug: str) -> HttpResponse:
    """For the links of the mails that announced a version taken back since: it binds nobody, so
    its text is no longer shown.
    """
    row = get_object_or_404(TermsWithdrawal.objects.select_related("version"), version__slug=slug)
    context = {"version": row.version, "withdrawn_at": row.withdrawn_at}
    return render(request, "legal/terms/terms_withdrawn.html", context, status=410)


def list_archive_rows(now: datetime) -> list[dict[str, Any]]:
    """Every published version with its state, the latest first."""
    current = get_current_version(now)
    versions = TermsVersion.objects.published().defer("body")
    return [
        {"version": version, "state": _get_version_state(version, current)} for version in versions
    ]


@login_not_required
@require_safe
def notices_view(request: HttpRequest) -> HttpResponse:
    return render(request, "legal/pages/notices.html")


@login_not_required
@require_safe
def privacy_view(request: HttpRequest) -> HttpResponse:
    current = get_current_version(timezone.now())
    context = {
        "retention": retention.list_retention_rows(),
        "demonstration": current is None or current.demonstration,
        "directory": bool(settings.COMPANY_DIRECTORY_URL),
    }
    return render(request, "legal/pages/privacy.html", context)


@login_not_required
@require_safe
def cookies_view(request: HttpRequest) -> HttpResponse:
    context = {
        "cookies": register.list_used_cookies(),
        "browsers": register.BROWSERS,
        "platforms": register.PLATFORMS,
        "policy_url": register.POLICY_URL,
    }
    return render(request, "legal/consent/cookies.html", context)


@login_not_required
@require_safe
def accessibility_view(request: HttpRequest) -> HttpResponse:
    return render(request, "legal/pages/accessibility.html")
