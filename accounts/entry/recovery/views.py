"""« Mot de passe oublié », the new password, unlocking a login, and « Signaler une perte ou un vol
d’identifiants »: open to people who cannot log in. A GET writes nothing.
"""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from accounts.entry.limits import known_devices
from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import LinkState, Purpose
from accounts.entry.login import next_targets
from accounts.entry.login.adapter import SeeOther
from accounts.entry.login.next_targets import NextTarget
from accounts.entry.login.pages import (
    check_network_limit,
    read_target,
    render_unknown_service,
    visitor_page,
)
from accounts.entry.models import PostedRequest
from accounts.entry.posted_requests import Kind, post_request
from accounts.entry.recovery import flows as recovery_flows
from accounts.entry.recovery import loss_flows
from accounts.entry.sessions import identifiers
from accounts.entry.sign_up.forms import AddressForm, NewPasswordForm
from mgestion.errors import Refused


@visitor_page
def request_reset_view(request: HttpRequest) -> HttpResponse:
    target = read_target(request)
    if target is None:
        return render_unknown_service(request)
    return ask_address(
        request, Kind.RESET, target, page="entry/recovery/reset.html", sent="entry:reset_sent"
    )


def ask_address(
    request: HttpRequest, kind: PostedRequest.Kind, target: NextTarget, *, page: str, sent: str
) -> HttpResponse:
    """One address, one row, one answer; then the page `sent`."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        now = timezone.now()
        refusal = check_network_limit(request, "reset", settings.RESETS_PER_IP, now)
        if refusal:
            return refusal
        if form.is_valid():
            address: str = form.cleaned_data["email"]
            known = bool(known_devices.get_device_name(request, address))
            post_request(kind, address, target=target.text, known=known, now=now)
            return SeeOther(target.to(sent))
    context = {"form": form, **next_targets.build_target_context(target)}
    return render(request, page, context)


@visitor_page
def reset_sent_view(request: HttpRequest) -> HttpResponse:
    target = read_target(request) or NextTarget()
    return render_sent_page(request, "entry/recovery/reset_sent.html", target)


def render_sent_page(request: HttpRequest, page: str, target: NextTarget) -> HttpResponse:
    context = {
        **next_targets.build_target_context(target),
        "life_minutes": int(settings.RESET_LINK_LIFE.total_seconds() // 60),
        "cooldown": int(settings.LINK_COOLDOWN.total_seconds()),
    }
    return render(request, page, context)


@visitor_page
@sensitive_post_parameters("password1", "password2")
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


@visitor_page
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


@visitor_page
def request_loss_link_view(request: HttpRequest) -> HttpResponse:
    page = "entry/recovery/loss_ask.html"
    return ask_address(request, Kind.LOSS, NextTarget(), page=page, sent="entry:loss_sent")


@visitor_page
def loss_sent_view(request: HttpRequest) -> HttpResponse:
    return render_sent_page(request, "entry/recovery/loss_sent.html", NextTarget())


@visitor_page
def report_loss_view(request: HttpRequest, key: str) -> HttpResponse:
    """A button; the POST acts and leads on to the new password."""
    now = timezone.now()
    found = mailed_links.find_link(key, Purpose.LOSS, now)
    if found.link is None or not recovery_flows.is_link_usable(found, now):
        return render(request, "entry/recovery/loss_dead.html", status=410)
    if request.method != "POST":
        return render(request, "entry/recovery/loss_act.html", {"address": found.link.user.email})
    try:
        link = loss_flows.report_loss(found.link, now=now)
    except Refused:
        return render(request, "entry/recovery/loss_dead.html", status=410)
    messages.success(
        request,
        "Toutes vos sessions sont fermées, votre ancien mot de passe ne sert plus et "
        "OPCO Mobilités est prévenu. Choisissez un nouveau mot de passe.",
    )
    return SeeOther(reverse("entry:reset_password", args=[mailed_links.sign_link_key(link)]))
