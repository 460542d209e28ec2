"""The one login page, and the way out."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.cas.endpoints import entering
from accounts.cas.endpoints.entering import LOGGED_IN_FOR, WARN, LoginOptions, read_login_options
from accounts.cas.endpoints.landing import get_destination_url, get_landing_url
from accounts.cas.protocol.headers import never_cached, refuse_prefetch
from accounts.entry.login import next_targets
from accounts.entry.login.adapter import SeeOther, SeeService
from accounts.entry.login.flows import NetworkRefused
from accounts.entry.login.forms import LoginForm
from accounts.entry.login.next_targets import NextTarget
from accounts.entry.login.pages import read_target, render_unknown_service
from accounts.entry.second_factor.passkeys.passkey_forms import PASSKEY_FIELD, build_login_form
from accounts.entry.sessions import identifiers, session_flows
from accounts.people.models import User
from accounts.profile.closure.landing import show_closing
from mgestion.errors import Refused, WrongState
from mgestion.text.dates import french_moment
from mgestion.web.errors import too_many_requests
from mgestion.web.form_action import may_lead_to
from mgestion.web.middleware.readonly import WriteReason, allow_writes

page = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@never_cached
@refuse_prefetch
@sensitive_post_parameters("password", "passkey")
@page
def login_view(request: HttpRequest) -> HttpResponse:
    """The two modules. A GET without a session reads and writes nothing."""
    target = read_target(request)
    if target is None:
        return render_unknown_service(request)
    if request.method == "POST":
        return _log_in(request, target, read_login_options(request.POST), timezone.now())
    way = read_login_options(request.GET)
    if request.user.is_authenticated and not way.renew:
        return _answer_logged_in(request, request.user, target, way)
    if way.gateway and target.service:
        return entering.redirect_without_ticket(target)
    return _render_form(request, _build_blank_form(request), target, way)


def _build_blank_form(request: HttpRequest) -> LoginForm:
    """An unbound form; with the identifier, where a mailed link has just proven it."""
    return LoginForm(
        request=request, initial={"username": identifiers.read_passed_identifier(request)}
    )


def _render_form(
    request: HttpRequest, form: LoginForm, target: NextTarget, way: LoginOptions
) -> HttpResponse:
    context = {"form": form, "fields": way.fields, **next_targets.build_target_context(target)}
    response = render(request, "cas/login.html", context)
    may_lead_to(response, target.service)
    return response


def _answer_logged_in(
    request: HttpRequest, user: User, target: NextTarget, way: LoginOptions
) -> HttpResponse:
    # A HEAD only looks (a link preview): it gets no ticket.
    if target.service and request.method == "GET":
        now = timezone.now()
        try:
            new_login = _was_login_for(request, user, target, now)
            return entering.enter_platform(request, user, target, way, new_login=new_login, now=now)
        except WrongState:
            if way.gateway:
                return entering.redirect_without_ticket(target)
            return _render_form(request, LoginForm(request=request), target, way)
    # A `next` is not followed by itself: the page may be the one that just sent this person here.
    context = {
        **next_targets.build_target_context(target),
        "landing": get_landing_url(user),
        "next": target.next,
    }
    return render(request, "cas/already.html", context)


def _was_login_for(request: HttpRequest, user: User, target: NextTarget, now: datetime) -> bool:
    """Whether this session is the login that was asked for this very service, said once.

    Not the login of somebody else, who stopped at their second factor; and not after the minutes
    for which a password is recent, since the person may have gone away in between.
    """
    if LOGGED_IN_FOR not in request.session:
        return False
    meant = request.session.pop(LOGGED_IN_FOR)
    with allow_writes(WriteReason.CAS_LOGIN):
        request.session.save()
    request.session.modified = False
    same = bool(meant == [str(user.pk), target.service])
    return same and session_flows.is_recently_proven(request, now)


def _log_in(
    request: HttpRequest, target: NextTarget, way: LoginOptions, now: datetime
) -> HttpResponse:
    form = build_login_form(request)
    try:
        valid = form.is_valid()
    except NetworkRefused as refused:
        return too_many_requests(request, refused.wait)
    if not valid:
        if form.has_error(NON_FIELD_ERRORS, "closing"):  # the password or the key was right
            form.counted.take_back()
            by_key = PASSKEY_FIELD in request.POST
            return show_closing(request, form.address, factor=by_key, now=now)
        return _render_form(request, form, target, way)
    user: User = form.user
    previous = user.last_login_at
    onward_url = get_destination_url(user, target)
    try:
        with transaction.atomic():  # one write to the disk for all of a login
            response: HttpResponse = form.login(request, redirect_url=onward_url)
            # Of this request: a session that was open before does not satisfy `renew`.
            complete = session_flows.is_login_completed(request)
            if way.warn:
                request.session[WARN] = True
            if complete:
                request.session.save()
            elif target.service:  # it waits for its second factor
                request.session[LOGGED_IN_FOR] = [str(user.pk), target.service]
            form.counted.take_back()
    except Refused as refused:
        form.add_error(None, refused.message)
        return _render_form(request, form, target, way)
    if complete and target.service and request.user.is_authenticated:
        # The login is complete: the ticket leaves with this very answer.
        onward = entering.enter_platform(
            request, request.user, target, way, new_login=True, now=now
        )
        onward.cookies.update(response.cookies)
        response = onward
    if complete and (target.platform is None or target.own_path):
        said = f" Dernière connexion\u00a0: {french_moment(previous)}." if previous else ""
        messages.success(request, f"Vous êtes connecté.{said}")
    return response


@login_not_required
@never_cached
@require_POST
def confirm_view(request: HttpRequest) -> HttpResponse:
    """The answer to « vous allez entrer sur… » of a person who wants to be asked."""
    target = read_target(request)
    if target is None:
        return render_unknown_service(request)
    if not request.user.is_authenticated or not target.service:
        return SeeOther(target.to("cas:login"))
    if request.POST.get("answer") != "go":
        return SeeOther(get_landing_url(request.user))
    try:
        return entering.enter_platform(
            request,
            request.user,
            target,
            read_login_options(request.POST),
            new_login=False,
            confirmed=True,
            now=timezone.now(),
        )
    except WrongState:
        return SeeOther(target.to("cas:login", renew="true"))


@login_not_required
@never_cached
@refuse_prefetch
@page
def logout_view(request: HttpRequest) -> HttpResponse:
    """Ends the session; without one, says the same. GET is accepted because the protocol needs
    it (O1–O6); a HEAD only looks.
    """
    if request.method != "HEAD":
        with allow_writes(WriteReason.CAS_LOGOUT):
            session_flows.log_out(request, reason="logout", now=timezone.now())
    try:
        target = next_targets.parse_target(request.GET)
    except next_targets.UnknownService:
        target = NextTarget()
    if target.service:
        return SeeOther(target.own_path) if target.own_path else SeeService(target.service)
    return render(request, "cas/logged_out.html", {**next_targets.build_target_context(target)})
