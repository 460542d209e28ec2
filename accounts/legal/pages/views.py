"""Terms, legal notice, privacy, cookies, accessibility: read without signing in."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.platforms.roles import build_roles_page
from accounts.legal.consent import cookie_register as register
from accounts.legal.models import TermsVersion, TermsWithdrawal, name_document
from accounts.legal.pages import retention
from accounts.legal.terms import markup
from accounts.legal.terms.flows import get_current_version
from accounts.legal.terms.lookups import get_platform_or_404


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
    request: HttpRequest,
    version: TermsVersion,
    current: TermsVersion | None,
    platform: Platform | None,
) -> HttpResponse:
    state = _get_version_state(version, current)
    # The roles' descriptions are part of the specific conditions, and known as of today only.
    shows_roles = platform is not None and state == "current"
    context: dict[str, Any] = {
        "version": version,
        "document": name_document(platform),
        "state": state,
        "contents": markup.build_contents(version.body),
        "terms_html": markup.format_for_page(version.body),
        "roles": build_roles_page(platform) if platform and shows_roles else None,
    }
    return render(request, "legal/terms/terms.html", context)


@login_not_required
@require_safe
def terms_view(request: HttpRequest) -> HttpResponse:
    """The version in force."""
    version = get_current_version(timezone.now())
    if version is None:
        raise Http404("no version of the terms is in force")
    return _render_version(request, version, version, None)


@login_not_required
@require_safe
def terms_version_view(request: HttpRequest, slug: str, code: str = "") -> HttpResponse:
    """A published version, past, present or to come, as it was published."""
    platform = get_platform_or_404(code)
    version = TermsVersion.objects.of(platform).published().filter(slug=slug).first()
    if version is None:
        return _render_withdrawn(request, slug, platform)
    current = get_current_version(timezone.now(), platform)
    return _render_version(request, version, current, platform)


def _render_withdrawn(request: HttpRequest, slug: str, platform: Platform | None) -> HttpResponse:
    """For the links of the mails that announced a version taken back since: it binds nobody, so
    its text is no longer shown.
    """
    row = get_object_or_404(
        TermsWithdrawal.objects.select_related("version"),
        version__slug=slug,
        version__platform=platform,
    )
    context = {
        "version": row.version,
        "document": name_document(platform),
        "withdrawn_at": row.withdrawn_at,
    }
    return render(request, "legal/terms/terms_withdrawn.html", context, status=410)


@login_not_required
@require_safe
def conditions_view(request: HttpRequest, code: str) -> HttpResponse:
    """A platform's specific conditions in force, with what each role may do there (R62, R78, D68);
    where there are none, what applies instead.
    """
    platform = get_platform_or_404(code)
    assert platform is not None  # noqa: S101 - the address has a code
    version = get_current_version(timezone.now(), platform)
    if version is not None:
        return _render_version(request, version, version, platform)
    context = {"document": name_document(platform), "roles": build_roles_page(platform)}
    return render(request, "legal/terms/no_conditions.html", context)


@login_not_required
@require_safe
def conditions_index_view(request: HttpRequest) -> HttpResponse:
    """Every open platform, with the version of its specific conditions in force, if any."""
    now = timezone.now()
    published = TermsVersion.objects.published().filter(platform__enabled=True)
    in_force: dict[int | None, TermsVersion] = {}
    for version in published.filter(effective_at__lte=now).defer("body"):
        in_force.setdefault(version.platform_id, version)
    rows = [
        (name_document(platform), platform, in_force.get(platform.pk))
        for platform in Platform.objects.filter(enabled=True)
    ]
    return render(request, "legal/terms/conditions_index.html", {"rows": rows})


def list_archive_rows(platform: Platform | None, now: datetime) -> list[dict[str, Any]]:
    """Every published version of a document with its state, the latest first."""
    current = get_current_version(now, platform)
    versions = TermsVersion.objects.of(platform).published().select_related("platform")
    return [
        {"version": version, "state": _get_version_state(version, current)}
        for version in versions.defer("body")
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
