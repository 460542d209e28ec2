"""Passkeys: what a browser is asked, and the pages that add, name and take away one.

Only a POST asks: a challenge is a row, and a GET writes none. Without a script the buttons do not
show, and what these pages say leads to the other factors.
"""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.entry.browsers import browser_name
from accounts.entry.login import stages
from accounts.entry.login.adapter import SeeOther
from accounts.entry.second_factor import factors, passkeys, webauthn
from accounts.entry.second_factor import passkey_flows as flow
from accounts.entry.second_factor.closing_proof import read_proof
from accounts.entry.second_factor.passkey_forms import NameForm, Purpose, answered, ask
from accounts.entry.second_factor.views import (
    adds_factor,
    confirmed,
    mailed_code_of,
    me,
    onward_of,
    show_codes,
    to,
)
from accounts.entry.sessions import session_flows
from accounts.entry.sign_up.views import limited, page
from accounts.people.models import User
from mgestion.errors import Refused

_GONE: Final = "Cette page a expiré. Rechargez-la, puis recommencez."


@login_not_required
@never_cache
@require_POST
def options(request: HttpRequest) -> HttpResponse:
    """What the browser's own dialogue is opened with. `purpose`: `enter` for whoever it may be,
    `prove` for the person who waits for a second factor, `confirm` for who is signed in, `closing`
    for who gives up a closure.
    """
    now = timezone.now()
    refusal = limited(request, "passkey", settings.LOGINS_PER_IP, now)
    if refusal:
        return refusal
    asked = request.POST.get("purpose", "")
    if asked == "enter":
        return JsonResponse(webauthn.options_to_show(None, ask(request, Purpose.ENTER, now=now)))
    person = _waiting(request) if asked == "prove" else None
    if asked == "confirm" and isinstance(request.user, User):
        person = request.user
    if asked == "closing":
        proof = read_proof(request, now)
        person = proof.user if proof else None
    if person is None:
        return JsonResponse({"message": _GONE}, status=409)
    return JsonResponse(webauthn.options_to_show(person, ask(request, Purpose.PROVE, now=now)))


def _waiting(request: HttpRequest) -> User | None:
    stage = stages.pending(request)
    return stage.login.user if stage else None


@never_cache
@require_POST
@adds_factor("entry:passkey_add")
def options_to_add(request: HttpRequest) -> HttpResponse:
    """What the browser makes a new key with."""
    now, user = timezone.now(), me(request)
    refusal = limited(request, "passkey", settings.LOGINS_PER_IP, now)
    if refusal:
        return refusal
    challenge = ask(request, Purpose.ENROL, now=now)
    return JsonResponse(webauthn.options_to_enrol(user, challenge))


@never_cache
@page
@adds_factor("entry:passkey_add")
def add(request: HttpRequest) -> HttpResponse:
    """A name, then the browser's own dialogue."""
    user, onward = me(request), onward_of(request)
    initial = {"name": browser_name(request.headers.get("User-Agent", ""))}
    form = NameForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        now = timezone.now()
        answer, challenge = answered(request, Purpose.ENROL, now=now)
        if form.is_valid():
            try:
                codes = flow.enrol(
                    user,
                    answer,
                    challenge,
                    name=form.cleaned_data["name"],
                    mailed=mailed_code_of(request),
                    keep=request.session.session_key or "",
                    now=now,
                )
            except Refused as refused:
                form.add_error(None, refused.message)
            else:
                session_flows.carry_over(request, user)
                session_flows.stamp_proof(request, now, factor=True, again=True)
                if codes:
                    return show_codes(request, codes, onward, "Votre clé d’accès est active.")
                messages.success(request, "Votre clé d’accès est ajoutée.")
                return SeeOther(to("entry:factor", onward))
    context = {"form": form, "next": onward, "origin": settings.PASSKEY_ORIGIN}
    return render(request, "entry/second_factor/passkey_add.html", context)


@never_cache
@page
@confirmed
def edit(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    """Its name, and its end. Somebody else's does not exist here (S14)."""
    user = me(request)
    row = passkeys.find(user, passkey_id)
    if row is None:
        raise Http404
    key = passkeys.told(row)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": key.name})
    if request.method == "POST" and "remove" in request.POST:
        return _remove(request, user, passkey_id)
    if request.method == "POST" and form.is_valid():
        if flow.rename(user, passkey_id, form.cleaned_data["name"]):
            messages.success(request, "Le nom de la clé d’accès est changé.")
        return SeeOther(reverse("entry:factor"))
    last = len(factors.state_of(user).passkeys) == 1 and not factors.has_application(user)
    context = {"form": form, "key": key, "last": last, "person": user}
    return render(request, "entry/second_factor/passkey.html", context)


def _remove(request: HttpRequest, user: User, passkey_id: UUID) -> HttpResponse:
    now = timezone.now()
    try:
        left = flow.remove(user, passkey_id, keep=request.session.session_key or "", now=now)
    except Refused as refused:
        messages.error(request, refused.message)
        return SeeOther(reverse("entry:factor"))
    if not left:
        session_flows.forget_factor(request)
    session_flows.carry_over(request, user)
    messages.success(
        request,
        "La clé d’accès est retirée. Supprimez-la aussi de votre appareil, qui la propose encore.",
    )
    return SeeOther(reverse("entry:factor"))
