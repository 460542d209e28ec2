"""The embedded way to run has no telephone: this page shows what the agents' would."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.entry.second_factor import factors
from accounts.entry.second_factor.demo_factors import get_demo_secret
from accounts.habilitations.demo import AGENTS


@login_not_required
@require_safe
def demo_codes_view(request: HttpRequest) -> HttpResponse:
    """A code works once: the next one is shown too, for a second login within 30 seconds."""
    moment = timezone.now().timestamp()
    rows = []
    for agent in AGENTS:
        secret = get_demo_secret(agent.email)
        shown = [factors.get_code_at(secret, moment + ahead) for ahead in (0, factors.STEP)]
        rows.append((agent, *(f"{code[:3]} {code[3:]}" for code in shown)))
    context = {"rows": rows, "seconds": factors.get_seconds_left(moment)}
    return render(request, "entry/second_factor/demo_codes.html", context)
