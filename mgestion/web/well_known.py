"""Addresses that programs look for on any site. That of a new password is in its own package."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from mgestion import slots

_PLAIN: Final = "text/plain; charset=utf-8"
# RFC 9116 asks for an end within a year; whoever reads the file later has a newer one.
_GOOD_FOR: Final = timedelta(days=180)


@login_not_required
@require_safe
def show_robots(request: HttpRequest) -> HttpResponse:
    """The public texts and the connection page may be found; the rest asks for a login anyway."""
    private = ["/admin/", *(path for paths in slots.private_addresses.values() for path in paths)]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in sorted(private))]
    return HttpResponse("\n".join(lines) + "\n", content_type=_PLAIN)


@login_not_required
@require_safe
def show_security_contact(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness (RFC 9116)."""
    expires = (timezone.now() + _GOOD_FOR).strftime("%Y-%m-%dT00:00:00Z")
    lines = (
        f"Contact: mailto:{settings.CONTACT_EMAIL}",
        f"Expires: {expires}",
        "Preferred-Languages: fr, en",
        f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type=_PLAIN)
