"""« Signaler une perte ou un vol d’identifiants »: open to people who cannot log in."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.entry.limits import known_devices
from accounts.entry.links import mailed_links
from accounts.entry.login.adapter import SeeOther
from accounts.entry.login.pages import check_network_limit, get_or_post_only
from accounts.entry.posted_requests import Kind, post_request
from accounts.entry.recovery import flows, loss_flows
from accounts.entry.sign_up.forms import AddressForm
from mgestion.errors import Refused


@login_not_required
@never_cache
@get_or_post_only
def request_loss_link_view(request: HttpRequest) -> HttpResponse:
    """One address, one row, one answer."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        now = timezone.now()
        refusal = check_network_limit(request, "reset", settings.RESETS_PER_IP, now)
        if refusal:
            return refusal
        if form.is_valid():
            address: str = form.cleaned_data["email"]
            known = bool(known_devices.get_device_name(request, address))
            post_request(Kind.LOSS, address, known=known, now=now)
            return SeeOther(reverse("entry:loss_sent"))
    return render(request, "entry/recovery/loss_ask.html", {"form": form})


@login_not_required
@never_cache
def loss_sent_view(request: HttpRequest) -> HttpResponse:
    minutes = int(settings.RESET_LINK_LIFE.total_seconds() // 60)
    cooldown = int(settings.LINK_COOLDOWN.total_seconds())
    context = {"life_minutes": minutes, "cooldown": cooldown}
    return render(request, "entry/recovery/loss_sent.html", context)


@login_not_required
@never_cache
@get_or_post_only
def report_loss_view(request: HttpRequest, key: str) -> HttpResponse:
    """A button; the POST acts and leads on to the new password."""
    now = timezone.now()
    found = mailed_links.find_link(key, mailed_links.Purpose.LOSS, now)
    if found.link is None or not flows.is_link_usable(found, now):
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
