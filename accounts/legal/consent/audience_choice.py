"""The choice on the measurement of audience.

Nothing of this shows while no script is named (`MEASUREMENT_SCRIPT_URL`). With one:

- it is on the page only after « accepter », and only on pages that anybody may read, without a
  password field nor a key in the address, for somebody who is not signed in: no page that it could
  read says who is there;
- a browser that says « do not track » (DNT, Sec-GPC) has refused, and is asked nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.legal.consent import cookie_register
from mgestion.web.form_action import csp_origin

ACCEPTED: Final = "oui"
REFUSED: Final = "non"
# Pages that may be counted: texts to read. A new one is added by name, on purpose.
MEASURED: Final = frozenset(
    {
        "legal:terms",
        "legal:terms_archive",
        "legal:terms_version",
        "legal:terms_difference",
        "legal:conditions_index",
        "legal:conditions",
        "legal:conditions_archive",
        "legal:conditions_version",
        "legal:conditions_difference",
        "legal:notices",
        "legal:privacy",
        "legal:cookies",
        "legal:accessibility",
        "habilitations:roles",
        "registrations:help",
    }
)


@dataclass(frozen=True, slots=True)
class AudienceConsent:
    """What one request may be shown and sent. All False on a portal that measures nothing."""

    available: bool = False
    accepted: bool = False
    refused: bool = False
    opposed: bool = False  # by the browser's own signal
    ask: bool = False  # the banner
    measure: bool = False  # the script


def read_audience_choice(request: HttpRequest) -> AudienceConsent:
    """No statement for who has no session."""
    if not settings.MEASUREMENT_SCRIPT_URL:
        return AudienceConsent()
    if request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1":
        return AudienceConsent(available=True, opposed=True)
    choice = request.COOKIES.get(settings.CONSENT_COOKIE_NAME)
    known = choice in (ACCEPTED, REFUSED)
    user = getattr(request, "user", None)
    stranger = user is not None and not user.is_authenticated
    match = request.resolver_match
    counted = match is not None and match.view_name in MEASURED and request.method == "GET"
    return AudienceConsent(
        available=True,
        accepted=choice == ACCEPTED,
        refused=choice == REFUSED,
        ask=stranger and not known,
        measure=stranger and counted and choice == ACCEPTED,
    )


def build_consent_context(request: HttpRequest) -> dict[str, object]:
    """For every page: `consent`, and the script where it may be."""
    consent = read_audience_choice(request)
    return {
        "consent": consent,
        "measurement_script": settings.MEASUREMENT_SCRIPT_URL if consent.measure else "",
        "measurement_site": settings.MEASUREMENT_SITE_ID if consent.measure else "",
    }


def store_audience_choice(response: HttpResponseBase, *, accepted: bool) -> None:
    """The choice, for six months. Refusing takes away what the measurement has left here."""
    response.set_cookie(
        settings.CONSENT_COOKIE_NAME,
        ACCEPTED if accepted else REFUSED,
        max_age=int(settings.CONSENT_LIFE.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    if not accepted:
        for cookie in cookie_register.list_used_cookies():
            if cookie.measuring:
                response.delete_cookie(cookie.name)


class MeasurementMiddleware:
    """Opens the policy to the script's origin on the pages that hold the script, and no other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if settings.MEASUREMENT_SCRIPT_URL and read_audience_choice(request).measure:
            origin = csp_origin(settings.MEASUREMENT_SCRIPT_URL)
            wider = {name: ["'self'", origin] for name in ("script-src", "connect-src")}
            known = vars(response).get("_csp_update") or {}
            vars(response)["_csp_update"] = {**known, **wider, "img-src": [origin]}
        return response
