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
from django.views.decorators.http import require_POST

from accounts.entry.login import stages
from accounts.entry.login.adapter import SeeOther
from accounts.entry.login.pages import check_network_limit, get_or_post_only
from accounts.entry.second_factor import factors
from accounts.entry.second_factor.closing_proof import read_proof
from accounts.entry.second_factor.passkeys import owned_passkeys, webauthn
from accounts.entry.second_factor.passkeys import passkey_flows as flow
from accounts.entry.second_factor.passkeys.passkey_forms import (
    PasskeyNameForm,
    Purpose,
    ask_challenge,
    read_answer,
)
from accounts.entry.second_factor.views import (
    build_url_with_next,
    get_mailed_code_id,
    get_next_path,
    render_recovery_codes,
    require_confirmation,
)
from accounts.entry.sessions import session_flows
from accounts.people.models import User
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused
from mgestion.text.browsers import browser_name

_GONE: Final = "Cette page a expiré. Rechargez-la, puis recommencez."


@login_not_required
@require_POST
def passkey_options_view(request: HttpRequest) -> HttpResponse:
    """What the browser's own dialogue is opened with. `purpose`: `enter` for whoever it may be,
    `prove` for the person who waits for a second factor, `confirm` for who is signed in, `closing`
    for who gives up a closure.
    """
    now = timezone.now()
    refusal = check_network_limit(request, "passkey", settings.LOGINS_PER_IP, now)
    if refusal:
        return refusal
    asked = request.POST.get("purpose", "")
    if asked == "enter":
        return JsonResponse(
            webauthn.build_request_options(None, ask_challenge(request, Purpose.ENTER, now=now))
        )
    person = _get_waiting_user(request) if asked == "prove" else None
    if asked == "confirm" and isinstance(request.user, User):
        person = request.user
    if asked == "closing":
        proof = read_proof(request, now)
        person = proof.user if proof else None
    if person is None:
        return JsonResponse({"message": _GONE}, status=409)
    return JsonResponse(
        webauthn.build_request_options(person, ask_challenge(request, Purpose.PROVE, now=now))
    )


def _get_waiting_user(request: HttpRequest) -> User | None:
    stage = stages.get_pending_stage(request)
    return stage.login.user if stage else None


@require_POST
@require_confirmation("entry:passkey_add", mailed=True)
def passkey_creation_options_view(request: HttpRequest) -> HttpResponse:
    """What the browser makes a new key with."""
    now, user = timezone.now(), get_signed_in_user(request)
    refusal = check_network_limit(request, "passkey", settings.LOGINS_PER_IP, now)
    if refusal:
        return refusal
    challenge = ask_challenge(request, Purpose.ENROL, now=now)
    return JsonResponse(webauthn.build_creation_options(user, challenge))


@get_or_post_only
@require_confirmation("entry:passkey_add", mailed=True)
def add_passkey_view(request: HttpRequest) -> HttpResponse:
    """A name, then the browser's own dialogue."""
    user, onward = get_signed_in_user(request), get_next_path(request)
    initial = {"name": browser_name(request.headers.get("User-Agent", ""))}
    form = PasskeyNameForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        now = timezone.now()
        answer, challenge = read_answer(request, Purpose.ENROL, now=now)
        if form.is_valid():
            try:
                codes = flow.enrol_passkey(
                    user,
                    answer,
                    challenge,
                    name=form.cleaned_data["name"],
                    mailed=get_mailed_code_id(request),
                    keep=request.session.session_key or "",
                    now=now,
                )
            except Refused as refused:
                form.add_error(None, refused.message)
            else:
                session_flows.carry_session_over(request, user)
                session_flows.stamp_proof(request, now, factor=True, again=True)
                if codes:
                    return render_recovery_codes(
                        request, codes, onward, "Votre clé d’accès est active."
                    )
                messages.success(request, "Votre clé d’accès est ajoutée.")
                return SeeOther(build_url_with_next("entry:factor", onward))
    context = {"form": form, "next": onward, "origin": settings.PASSKEY_ORIGIN}
    return render(request, "entry/second_factor/passkey_add.html", context)


@get_or_post_only
@require_confirmation()
def edit_passkey_view(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    """Its name, and its end. Somebody else's does not exist here."""
    user = get_signed_in_user(request)
    row = owned_passkeys.find_passkey(user, passkey_id)
    if row is None:
        raise Http404
    key = owned_passkeys.describe_passkey(row)
    form = PasskeyNameForm(
        request.POST if request.method == "POST" else None, initial={"name": key.name}
    )
    if request.method == "POST" and "remove" in request.POST:
        return _remove_passkey(request, user, passkey_id)
    if request.method == "POST" and form.is_valid():
        if flow.rename_passkey(user, passkey_id, form.cleaned_data["name"]):
            messages.success(request, "Le nom de la clé d’accès est changé.")
        return SeeOther(reverse("entry:factor"))
    last = len(factors.get_factor_state(user).passkeys) == 1 and not factors.has_application(user)
    context = {"form": form, "key": key, "last": last, "person": user}
    return render(request, "entry/second_factor/passkey.html", context)


def _remove_passkey(request: HttpRequest, user: User, passkey_id: UUID) -> HttpResponse:
    now = timezone.now()
    try:
        left = flow.remove_passkey(
            user, passkey_id, keep=request.session.session_key or "", now=now
        )
    except Refused as refused:
        messages.error(request, refused.message)
        return SeeOther(reverse("entry:factor"))
    if not left:
        session_flows.forget_factor(request)
    session_flows.carry_session_over(request, user)
    messages.success(
        request,
        "La clé d’accès est retirée. Supprimez-la aussi de votre appareil, qui la propose encore.",
    )
    return SeeOther(reverse("entry:factor"))
