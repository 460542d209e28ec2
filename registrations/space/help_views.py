"""/aide/: the seven steps (R10)."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def help_view(request: HttpRequest) -> HttpResponse:
    return render(request, "registrations/space/help.html")
