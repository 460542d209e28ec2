"""What each page's frame shows. Reads nothing from the database."""

from django.conf import settings
from django.http import HttpRequest

from mgestion import VERSION


def portal(request: HttpRequest) -> dict[str, object]:
    return {"portal_version": VERSION, "portal_demo": settings.EMBEDDED}
