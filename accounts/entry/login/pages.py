"""What the pages for visitors share: methods, the target, and the limit per network."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import quote

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.entry.limits import rate_limits
from accounts.entry.login import next_targets
from accounts.entry.login.next_targets import NextTarget
from accounts.habilitations.platforms import cas_services
from mgestion.web.errors import too_many_requests
from mgestion.web.logging.log_lines import one_line
from mgestion.web.logging.request_id import current_request_id
from mgestion.web.middleware.client_ip import client_ip, network_key

_log = logging.getLogger(__name__)
_SHOWN: Final = 300  # characters of a refused address
_AS_IS: Final = "%/:?#[]@!$&'()*+,;=\\|{}^`"
get_or_post_only = require_http_methods(["GET", "HEAD", "POST"])


def visitor_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that is open to visitors."""
    return login_not_required(get_or_post_only(view))


def read_target(request: HttpRequest) -> NextTarget | None:
    """The target, None when the page must refuse the service."""
    try:
        return next_targets.get_request_target(request)
    except next_targets.UnknownService:
        return None


def render_unknown_service(request: HttpRequest) -> HttpResponse:
    """Said at once, before anybody types a password, with what its integrator needs."""
    asked = request.POST.get("service") or request.GET.get("service", "")
    fault = cas_services.find_address_fault(asked)
    # Percent-encoded: nobody's sentences stand on this page, and no character hides.
    shown = quote(asked[:_SHOWN], safe=_AS_IS) + ("…" if len(asked) > _SHOWN else "")
    # Without its query, which may tell of a person.
    address = one_line(asked[:_SHOWN].partition("?")[0])
    _log.warning("service refused: %s (%s)", address, "malformed" if fault else "not registered")
    context = {"address": shown, "fault": fault, "request_id": current_request_id()}
    return render(request, "cas/unknown_service.html", context, status=403)


def check_network_limit(
    request: HttpRequest, what: str, rate: object, now: datetime
) -> HttpResponse | None:
    """The 429 page when this network posts too much, else None."""
    wait = rate_limits.count_event(get_network_key(request, what), rate, now=now)  # type: ignore[arg-type]
    return too_many_requests(request, wait) if wait else None


def uncount_network_event(request: HttpRequest, what: str, rate: object, now: datetime) -> None:
    """Take back what `check_network_limit` counted with the same `now`: successes do not count, as
    a company behind one address logs in as often as it has people.
    """
    rate_limits.uncount_event(get_network_key(request, what), rate, now=now)  # type: ignore[arg-type]


def get_network_key(request: HttpRequest, what: str) -> str:
    return f"{what}:{network_key(client_ip(request))}"
