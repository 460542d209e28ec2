"""What each page's frame shows. Reads nothing from the database."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest

from mgestion import VERSION

# The pages that the navigation says one is on.
NAVIGATION: Final = frozenset(
    {
        "registrations:services",
        "registrations:landing",
        "registrations:users",
        "profile:home",
        "registrations:help",
        "entry:sign_up",
        "cas:login",
    }
)


def portal(request: HttpRequest) -> dict[str, object]:
    match = request.resolver_match
    here = match.view_name if match is not None and match.view_name in NAVIGATION else ""
    return {"portal_version": VERSION, "portal_demo": settings.EMBEDDED, "portal_here": here}
