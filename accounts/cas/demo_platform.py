"""The demo's second platform: so that a newcomer sees single sign-on and single logout work.

It is reached as « localhost » where the portal is « 127.0.0.1 »: another origin, with cookies of
its own, though the same process answers. A real platform asks for its ticket's validation over
HTTP; this one calls the same function. Its address exists in the embedded mode alone.
"""

import hashlib
import re
from datetime import datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.cas.protocol.headers import never_cached, refuse_prefetch
from accounts.cas.protocol.refusals import InvalidTicket
from accounts.cas.tickets import attributes, ticket_life
from accounts.entry.login.adapter import SeeOther
from accounts.entry.sessions.session_store import SessionStore
from accounts.habilitations.enums import Attribute
from accounts.habilitations.platforms.models import Platform, ServiceRule
from mgestion.demo import Demo
from mgestion.web.middleware.readonly import WriteReason, allow_writes

CODE: Final = "m-contributions"
COOKIE: Final = "demo_platform"
_TOLD: Final = ("displayName", "mail", "role", "siret")
_INDEX: Final = re.compile(r"<samlp:SessionIndex>([A-Za-z0-9-]{1,256})</samlp:SessionIndex>")


def get_demo_origin() -> str:
    """The same server by its other name."""
    parts = urlsplit(settings.PUBLIC_URL)
    host = "127.0.0.1" if parts.hostname == "localhost" else "localhost"
    return f"http://{host}:{parts.port}" if parts.port else f"http://{host}"


def get_demo_service() -> str:
    """The address that receives tickets and logouts."""
    return f"{get_demo_origin()}{reverse('cas:demo_platform')}"


@csrf_exempt  # the portal's worker posts logouts here, as to any platform
@login_not_required
@never_cached
@refuse_prefetch
@require_http_methods(["GET", "POST"])
def demo_platform_view(request: HttpRequest) -> HttpResponse:
    """A page for who is logged in; the portal's login for who is not; the end of a session."""
    if request.method == "POST":
        return _take_logout(request)
    if f"http://{request.get_host()}" != get_demo_origin():
        return SeeOther(get_demo_service())
    if "ticket" in request.GET:
        return _take_ticket(request.GET["ticket"], timezone.now())
    store = SessionStore(session_key=request.COOKIES.get(COOKIE) or None)
    visitor = store.get(COOKIE)
    if visitor is None:
        login = f"{settings.PUBLIC_URL}{reverse('cas:login')}"
        return SeeOther(f"{login}?{urlencode({'service': get_demo_service()})}")
    portal = settings.PUBLIC_URL
    return render(request, "cas/demo_platform.html", {"visitor": visitor, "portal": portal})


def _take_ticket(ticket: str, now: datetime) -> HttpResponse:
    with allow_writes(WriteReason.CAS_VALIDATE):
        try:
            found = ticket_life.validate_ticket(ticket, get_demo_service(), renew=False, now=now)
        except InvalidTicket as refusal:
            return HttpResponse(
                f"{refusal.code}: {refusal.text}", status=403, content_type="text/plain"
            )
        visitor = {
            "platform": found.platform.name,
            "user": attributes.get_principal(found.user, found.platform),
            "told": [
                (Attribute(name).label, value)
                for name, value in attributes.list_released_attributes(found.user, found.platform)
            ],
        }
        Session.objects.create(
            session_key=_get_session_key(ticket),
            session_data=SessionStore().encode({COOKIE: visitor}),
            expire_date=now + settings.SESSION_ABSOLUTE,
        )
    response = SeeOther(get_demo_service())
    response.set_cookie(COOKIE, _get_session_key(ticket), httponly=True, samesite="Lax")
    return response


def _take_logout(request: HttpRequest) -> HttpResponse:
    found = _INDEX.search(request.POST.get("logoutRequest", ""))
    if found is None:
        return HttpResponse(status=400)
    Session.objects.filter(session_key=_get_session_key(found[1])).delete()
    return HttpResponse(status=200)


def _get_session_key(ticket: str) -> str:
    """A session that its ticket names, as in most CAS clients."""
    return hashlib.sha256(f"demo-platform:{ticket}".encode()).hexdigest()[:40]


def register_platform(now: datetime) -> None:
    """M-Contributions is entered here in the demo, at the port of today."""
    platform = Platform.objects.get(code=CODE)
    ServiceRule.objects.filter(platform=platform, path=reverse("cas:demo_platform")).delete()
    ServiceRule.objects.create(
        platform=platform, origin=get_demo_origin(), path=reverse("cas:demo_platform")
    )
    platform.entry_url = get_demo_service()
    platform.attributes = platform.attributes or [str(Attribute(name)) for name in _TOLD]
    platform.save(update_fields=["entry_url", "attributes"])


REGISTERED: Final = Demo(
    register_platform,
    note="Une seconde plateforme, M-Contributions, répond sur cette machine\u00a0: Ada Fictive y "
    "entre depuis «\u00a0Mes services en ligne\u00a0» sans nouveau mot de passe.",
)
