"""What each page's frame shows. Reads nothing from the database."""

from django.conf import settings
from django.http import HttpRequest

from mgestion import VERSION


def portal_context(request: HttpRequest) -> dict[str, object]:
    match = request.resolver_match
    return {
        "portal_version": VERSION,
        "portal_demo": settings.EMBEDDED,
        "portal_contact": {
            "email": settings.CONTACT_EMAIL,
            "url": settings.CONTACT_URL,
            "dpo": settings.DPO_EMAIL,
        },
        "portal_here": match.view_name if match is not None else "",
    }
