"""« Mot de passe oublié », the new password, and the unlocking of a door. A GET changes nothing."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.entry import mailed_links
from accounts.entry.limits import known_devices
from accounts.entry.login import identifiers, next_targets
from accounts.entry.login.adapter import SeeOther
from accounts.entry.login.next_targets import Target
from accounts.entry.mailed_links import Purpose, State
from accounts.entry.posted_requests import Kind, post_request
from accounts.entry.recovery import flows as recovery_flows
from accounts.entry.sign_up.forms import AddressForm, NewPasswordForm
from accounts.entry.sign_up.views import limited, page, read_target, unknown_service
from mgestion.errors import Refused


@login_not_required
@never_cache
@page
def reset(request: HttpRequest) -> HttpResponse:
    """One address, one row, one answer (S8)."""
    target = read_target(request)
    if target is None:
        return unknown_service(request)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        now = timezone.now()
        refusal = limited(request, "reset", settings.RESETS_PER_IP, now)
        if refusal:
            return refusal
        if form.is_valid():
            address: str = form.cleaned_data["email"]
            known = bool(known_devices.name_for(request, address))
            post_request(Kind.RESET, address, target=target.text, known=known, now=now)
            return SeeOther(target.to("entry:reset_sent"))
    return render(request, "entry/recovery/reset.html", {"form": form, **next_targets.ways(target)})


@login_not_required
@never_cache
def reset_sent(request: HttpRequest) -> HttpResponse:
    context = {
        **next_targets.ways(read_target(request) or Target()),
        "life_minutes": int(settings.RESET_LINK_LIFE.total_seconds() // 60),
        "cooldown": int(settings.LINK_COOLDOWN.total_seconds()),
    }
    return render(request, "entry/recovery/reset_sent.html", context)


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
@page
def reset_password(request: HttpRequest, key: str) -> HttpResponse:
    """The page behind the mail. Afterwards: the login page, every session ended, every counter
    open.
    """
    now = timezone.now()
    found = mailed_links.find(key, Purpose.RESET, now)
    if found.link is None or not recovery_flows.usable(found, now):
        return _dead(request, found)
    link = found.link
    target = next_targets.restore(link.target)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=link.user)
    if request.method == "POST" and form.is_valid():
        password_hash = make_password(form.cleaned_data["password1"])
        known = known_devices.name_for(request, link.user.email, link.user)
        try:
            user = recovery_flows.reset_password(link, password_hash=password_hash, now=now)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "Votre nouveau mot de passe est enregistré. Connectez-vous.")
            identifiers.hand_on(request, link.user)
            response = SeeOther(target.to("cas:login"))
            if known:  # every other browser is forgotten
                known_devices.remember(request, response, user)
            return response
    context = {"form": form, "address": link.user.email, **next_targets.ways(target)}
    return render(request, "entry/recovery/reset_password.html", context)


@login_not_required
@never_cache
@page
def unlock(request: HttpRequest, key: str) -> HttpResponse:
    """A button; the POST opens the one counter and makes this browser a known device (D57)."""
    now = timezone.now()
    found = mailed_links.find(key, Purpose.UNLOCK, now)
    if found.link is None or not recovery_flows.usable(found, now):
        return _dead(request, found)
    target = next_targets.restore(found.link.target)
    if request.method == "POST":
        try:
            user = recovery_flows.unlock(found.link, now=now)
        except Refused:
            return _dead(request, mailed_links.Found(State.USED, found.link))
        messages.success(request, "La connexion est déverrouillée. Vous pouvez vous connecter.")
        identifiers.hand_on(request, user)
        response = SeeOther(target.to("cas:login"))
        known_devices.remember(request, response, user)
        return response
    return render(
        request,
        "entry/recovery/unlock.html",
        {**next_targets.ways(target), "address": found.link.user.email},
    )


def _dead(request: HttpRequest, found: mailed_links.Found) -> HttpResponse:
    # The same page for expired, used, forged and closed: it tells nothing about the account (D33).
    target = next_targets.restore(found.link.target) if found.link else Target()
    return render(
        request, "entry/recovery/dead_reset_link.html", {**next_targets.ways(target)}, status=410
    )
