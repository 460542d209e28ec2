"""The one login page, and the way out (`cas.md` §3–5; tickets come later)."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.cas.landing import destination, landing
from accounts.entry import sessions, targets
from accounts.entry.adapter import SeeOther
from accounts.entry.forms import LoginForm
from accounts.entry.targets import Target
from accounts.entry.views import limited, read_target, unknown_service
from accounts.models import User
from mgestion.dates import french_moment
from mgestion.errors import Refused
from mgestion.web.readonly import Reason, allow_writes

page = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@page
def login(request: HttpRequest) -> HttpResponse:
    """The two modules (R13–R15). A GET without a session reads and writes nothing."""
    target = read_target(request)
    if target is None:
        return unknown_service(request)
    if request.method == "POST":
        return _log_in(request, target, timezone.now())
    if request.user.is_authenticated:
        return _already(request, request.user, target)
    return _form(request, LoginForm(request=request), target)


def _form(request: HttpRequest, form: LoginForm, target: Target) -> HttpResponse:
    return render(request, "cas/login.html", {"form": form, **targets.ways(target)})


def _already(request: HttpRequest, user: User, target: Target) -> HttpResponse:
    if target.service and target.own_path:
        return SeeOther(target.own_path)
    # A `next` is not followed by itself: the page may be the one that just sent this person here.
    context = {**targets.ways(target), "landing": landing(user), "next": target.next}
    return render(request, "cas/already.html", context)


def _log_in(request: HttpRequest, target: Target, now: datetime) -> HttpResponse:
    refusal = limited(request, "login", settings.LOGINS_PER_IP, now)
    if refusal:
        return refusal
    form = LoginForm(request.POST, request=request)
    if not form.is_valid():
        return _form(request, form, target)
    user: User = form.user
    previous = user.last_login
    try:
        response: HttpResponse = form.login(
            request, redirect_url=destination(request, user, target)
        )
    except Refused as refused:
        form.add_error(None, refused.message)
        return _form(request, form, target)
    said = f" Dernière connexion\u00a0: {french_moment(previous)}." if previous else ""
    messages.success(request, f"Vous êtes connecté.{said}")
    return response


@login_not_required
@never_cache
@page
def logout(request: HttpRequest) -> HttpResponse:
    """Ends the session; without one, says the same. GET is accepted because the protocol needs it
    (O1–O6).
    """
    now = timezone.now()
    with allow_writes(Reason.CAS_LOGOUT):
        sessions.log_out(request, reason="logout", now=now)
    try:
        target = targets.read(request.GET)
    except targets.UnknownService:
        target = Target()
    if target.service and target.own_path:
        return SeeOther(target.own_path)
    return render(request, "cas/logged_out.html", {**targets.ways(target)})
