"""Headers of every response: error pages, redirects and static files too."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_FEATURES = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in _FEATURES)


class HeadersMiddleware:
    """Stands outside of whatever may answer early: redirects to HTTPS, static files, errors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        # Pages got the whole policy from django-csp; this is for what was answered before it.
        response.headers.setdefault("Content-Security-Policy", "frame-ancestors 'none'")
        if not request.path.startswith(settings.STATIC_URL):
            # Also what looks public: the header of each page says who is connected.
            response["Cache-Control"] = "no-store"
        return response
