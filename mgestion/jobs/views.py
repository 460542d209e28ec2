"""Views for monitoring: liveness, readiness, metrics."""

import hmac
import ipaddress

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from mgestion.jobs import health
from mgestion.jobs.metrics import collect_figures
from mgestion.monitoring.exposition import render_metrics
from mgestion.web.middleware.client_ip import client_ip
from mgestion.web.problems import problem_response

_PLAIN = "text/plain; charset=utf-8"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"


@login_not_required
@require_safe
def show_health(request: HttpRequest) -> HttpResponse:
    """Liveness: the process answers."""
    return HttpResponse("ok\n", content_type=_PLAIN)


@login_not_required
@require_safe
def show_readiness(request: HttpRequest) -> HttpResponse:
    """200, or 503 with a problem document (RFC 9457) that names what is missing."""
    found = health.find_problems(timezone.now())
    if not found:
        return JsonResponse({"status": "ready"})
    problems = [{"check": problem.check, "text": problem.text} for problem in found]
    return problem_response(503, "not_ready", "Not ready", problems=problems)


@login_not_required
@require_safe
def show_metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for this machine or with the token."""
    if not (_is_this_machine(request) or _has_token(request)):
        raise Http404
    figures, words = collect_figures(timezone.now())
    return HttpResponse(render_metrics(figures, words), content_type=_METRICS)


def _is_this_machine(request: HttpRequest) -> bool:
    """Whether the call came directly over the loopback; a proxy would hide the client."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    peer = client_ip(request)
    return bool(peer) and ipaddress.ip_address(peer).is_loopback


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").encode()
    token: str = settings.METRICS_TOKEN
    return bool(token) and hmac.compare_digest(given, f"Bearer {token}".encode())
