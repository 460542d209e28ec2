"""The portal's bare address."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.cas.endpoints.landing import get_landing_url


@login_not_required
@require_safe
def home_view(request: HttpRequest) -> HttpResponse:
    """Typing the address asks the same thing as logging in without a target: the answer is the
    same."""
    if request.user.is_authenticated:
        return redirect(get_landing_url(request.user))
    return redirect("cas:login")
