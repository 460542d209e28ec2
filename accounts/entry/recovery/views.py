"""« Mot de passe oublié », the new password, and unlocking a login. A GET writes nothing."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.entry.limits import known_devices
from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import LinkState, Purpose
from accounts.entry.login import next_targets
from accounts.entry.login.adapter import SeeOther
from accounts.entry.login.next_targets import NextTarget
from accounts.entry.login.pages import (
    check_network_limit,
    get_or_post_only,
    read_target,
    render_unknown_service,
)
from accounts.entry.posted_requests import Kind, post_request
from accounts.entry.recovery import flows as recovery_flows
from accounts.entry.sessions import identifiers
from accounts.entry.sign_up.forms import AddressForm, NewPasswordForm
from mgestion.errors import Refused


@login_not_required
@never_cache
@get_or_post_only
def request_reset_view(request: HttpRequest) -> HttpResponse:
    """One address, one row, one answer."""
    target = read_target(request)
    if target is None:
        return render_unknown_service(request)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        now = timezone.now()
        refusal = check_network_limit(request, "reset", settings.RESETS_PER_IP, now)
        if refusal:
            return refusal
        if form.is_valid():
            address: str = form.cleaned_data["email"]
            known = bool(known_devices.get_device_name(request, address))
            post_request(Kind.RESET, address, target=target.text, known=known, now=now)
            return SeeOther(target.to("entry:reset_sent"))
    return render(
        request,
        "entry/recovery/reset.html",
        {"form": form, **next_targets.build_target_context(target)},
    )


@login_not_required
@never_cache
def reset_sent_view(request: HttpRequest) -> HttpResponse:
    context = {
        **next_targets.build_target_context(read_target(request) or NextTarget()),
        "life_minutes": int(settings.RESET_LINK_LIFE.total_seconds() // 60),
        "cooldown": int(settings.LINK_COOLDOWN.total_seconds()),
    }
    return render(request, "entry/recovery/reset_sent.html", context)


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
@get_or_post_only
def reset_password_view(request: HttpRequest, key: str) -> HttpResponse:
    """The page behind the mail. Afterwards: the login page, every session ended, every counter
    open.
    """
    now = timezone.now()
    found = mailed_links.find_link(key, Purpose.RESET, now)
    if found.link is None or not recovery_flows.is_link_usable(found, now):
        return _render_dead_link(request, found)
    link = found.link
    target = next_targets.restore_target(link.target)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=link.user)
    if request.method == "POST" and form.is_valid():
        password_hash = make_password(form.cleaned_data["password1"])
        known = known_devices.get_device_name(request, link.user.email, link.user)
        try:
            user = recovery_flows.reset_password(link, password_hash=password_hash, now=now)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "Votre nouveau mot de passe est enregistré. Connectez-vous.")
            identifiers.pass_identifier_on(request, link.user.email)
            response = SeeOther(target.to("cas:login"))
            if known:  # every other browser is forgotten
                known_devices.remember_device(request, response, user)
            return response
    context = {
        "form": form,
        "address": link.user.email,
        **next_targets.build_target_context(target),
    }
    return render(request, "entry/recovery/reset_password.html", context)


@login_not_required
@never_cache
@get_or_post_only
def unlock_view(request: HttpRequest, key: str) -> HttpResponse:
    """A button; the POST opens the one counter and makes this browser a known device."""
    now = timezone.now()
    found = mailed_links.find_link(key, Purpose.UNLOCK, now)
    if found.link is None or not recovery_flows.is_link_usable(found, now):
        return _render_dead_link(request, found)
    target = next_targets.restore_target(found.link.target)
    if request.method == "POST":
        try:
            user = recovery_flows.unlock_counter(found.link, now=now)
        except Refused:
            return _render_dead_link(request, mailed_links.FoundLink(LinkState.USED, found.link))
        messages.success(request, "La connexion est déverrouillée. Vous pouvez vous connecter.")
        identifiers.pass_identifier_on(request, user.email)
        response = SeeOther(target.to("cas:login"))
        known_devices.remember_device(request, response, user)
        return response
    return render(
        request,
        "entry/recovery/unlock.html",
        {**next_targets.build_target_context(target), "address": found.link.user.email},
    )


def _render_dead_link(request: HttpRequest, found: mailed_links.FoundLink) -> HttpResponse:
    # The same page for expired, used, forged and closed: it tells nothing about the account.
    target = next_targets.restore_target(found.link.target) if found.link else NextTarget()
    return render(
        request,
        "entry/recovery/dead_reset_link.html",
        {**next_targets.build_target_context(target)},
        status=410,
    )
