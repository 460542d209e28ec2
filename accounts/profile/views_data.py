"""« Mes données »: to read on the page, or to take away as JSON (R121, S34).

Made when asked and sent at once: no copy of somebody's data waits anywhere for its reader. The
password was given a few minutes before (`proven`): a borrowed screen is not enough.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.entry import sessions
from accounts.entry.adapter import SeeOther
from accounts.entry.views_factor import proven
from accounts.models import User
from accounts.profile import export
from mgestion.dates import paris_date
from mgestion.journal import flows as journal
from mgestion.journal.actors import Actor


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_data(request: HttpRequest) -> HttpResponse:
    """GET: the page. POST: the file, which is journaled; too long after the proof, the page."""
    if request.method == "POST" and not sessions.recently_proven(request, timezone.now()):
        return SeeOther(reverse("profile:my_data"))
    return _shown(request)


@proven
def _shown(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        raise TypeError("Login is required by default: this page has a person.")
    if request.method == "POST":
        return _file(user)
    context = {"person": user, "sections": export.sections(user)}
    return render(request, "profile/my_data.html", context)


def _file(user: User) -> HttpResponse:
    now = timezone.now()
    document = export.collect(user, now)
    journal.record(
        "data.exported",
        actor=Actor.person(user),
        object_type="account",
        object_id=str(user.public_id),
        person=user.public_id,
        now=now,
    )
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 2})
    name = f"mes-donnees-{paris_date(now):%Y-%m-%d}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
