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

from accounts.entry import devices, identifiers, links, targets
from accounts.entry.adapter import SeeOther
from accounts.entry.flows import recovery
from accounts.entry.flows.post import Kind, post_request
from accounts.entry.forms import AddressForm, NewPasswordForm
from accounts.entry.links import Purpose, State
from accounts.entry.targets import Target
from accounts.entry.views import limited, page, read_target, unknown_service
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
            known = bool(devices.name_for(request, address))
            post_request(Kind.RESET, address, target=target.text, known=known, now=now)
            return SeeOther(target.to("entry:reset_sent"))
    return render(request, "entry/reset.html", {"form": form, **targets.ways(target)})


@login_not_required
@never_cache
def reset_sent(request: HttpRequest) -> HttpResponse:
    context = {
        **targets.ways(read_target(request) or Target()),
        "life_minutes": int(settings.RESET_LINK_LIFE.total_seconds() // 60),
        "cooldown": int(settings.LINK_COOLDOWN.total_seconds()),
    }
    return render(request, "entry/reset_sent.html", context)


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
@page
def reset_password(request: HttpRequest, key: str) -> HttpResponse:
    """The page behind the mail. Afterwards: the login page, every session ended, every counter
    open.
    """
    now = timezone.now()
    found = links.find(key, Purpose.RESET, now)
    if found.link is None or not recovery.usable(found, now):
        return _dead(request, found)
    link = found.link
    target = targets.restore(link.target)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=link.user)
    if request.method == "POST" and form.is_valid():
        password_hash = make_password(form.cleaned_data["password1"])
        known = devices.name_for(request, link.user.email, link.user)
        try:
            user = recovery.reset_password(link, password_hash=password_hash, now=now)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "Votre nouveau mot de passe est enregistré. Connectez-vous.")
            identifiers.hand_on(request, link.user)
            response = SeeOther(target.to("cas:login"))
            if known:  # every other browser is forgotten
                devices.remember(request, response, user)
            return response
    context = {"form": form, "address": link.user.email, **targets.ways(target)}
    return render(request, "entry/reset_password.html", context)


@login_not_required
@never_cache
@page
def unlock(request: HttpRequest, key: str) -> HttpResponse:
    """A button; the POST opens the one counter and makes this browser a known device (D57)."""
    now = timezone.now()
    found = links.find(key, Purpose.UNLOCK, now)
    if found.link is None or not recovery.usable(found, now):
        return _dead(request, found)
    target = targets.restore(found.link.target)
    if request.method == "POST":
        try:
            user = recovery.unlock(found.link, now=now)
        except Refused:
            return _dead(request, links.Found(State.USED, found.link))
        messages.success(request, "La connexion est déverrouillée. Vous pouvez vous connecter.")
        identifiers.hand_on(request, user)
        response = SeeOther(target.to("cas:login"))
        devices.remember(request, response, user)
        return response
    return render(
        request, "entry/unlock.html", {**targets.ways(target), "address": found.link.user.email}
    )


def _dead(request: HttpRequest, found: links.Found) -> HttpResponse:
    # The same page for expired, used, forged and closed: it tells nothing about the account (D33).
    target = targets.restore(found.link.target) if found.link else Target()
    return render(request, "entry/dead_reset_link.html", {**targets.ways(target)}, status=410)
