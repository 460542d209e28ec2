"""« Fermer mon compte », and the page that a closing account's login leads to."""

from datetime import datetime

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.entry.login.adapter import SeeOther, check_own_password, get_circumstances
from accounts.entry.login.forms import PasswordField
from accounts.entry.login.pages import check_network_limit
from accounts.entry.second_factor import factors
from accounts.entry.second_factor.closing_proof import read_proof
from accounts.entry.second_factor.flows import verify_code as prove_by_code
from accounts.entry.second_factor.forms import CodeForm
from accounts.entry.second_factor.passkeys.passkey_forms import PASSKEY_FIELD
from accounts.entry.second_factor.passkeys.passkey_forms import (
    verify_posted_passkey as prove_by_key,
)
from accounts.entry.sessions import session_flows
from accounts.leaving import account_departures
from accounts.people.models import User
from accounts.people.presenting import format_last_day
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused
from mgestion.journal.actors import Actor


class CloseForm(forms.Form):
    password = PasswordField(
        autocomplete="current-password",
        label="Votre mot de passe",
        error_messages={"required": "Indiquez votre mot de passe."},
    )


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def close_own_account_view(request: HttpRequest) -> HttpResponse:
    """The consequences are named, the password is asked and counted like a login's."""
    user = get_signed_in_user(request)
    form = CloseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        typed, wrong = form.cleaned_data["password"], "Le mot de passe est incorrect."
        try:
            check_own_password(request, user, typed, wrong=wrong, now=now)
            account_departures.close_account(user, actor=Actor.person(user), now=now)
        except Refused as refusal:
            form.add_error("password", refusal.message)
        else:
            session_flows.log_out(request, reason="closing", now=now)
            messages.success(
                request,
                "Votre demande de fermeture est enregistrée et un e-mail vous la confirme. Pour y "
                "renoncer, connectez-vous dans les 15\u00a0jours.",
            )
            return SeeOther(reverse("cas:login"))
    return render(request, "profile/closure/close.html", {"form": form})


@login_not_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def closing_view(request: HttpRequest) -> HttpResponse:
    """The date, and a button that cancels, with the second factor where there is one. Nothing
    else of the account is shown.
    """
    now = timezone.now()
    proof = read_proof(request, now)
    if proof is None:
        return SeeOther(reverse("cas:login"))
    by_key = PASSKEY_FIELD in request.POST
    form = None
    if proof.lacks_factor:
        state = factors.get_factor_state(proof.user)
        posted = request.POST if request.method == "POST" else None
        form = CodeForm(posted, application=bool(state.since), optional=by_key)
    if request.method == "POST":
        refusal = check_network_limit(request, "login", settings.LOGINS_PER_IP, now)
        if refusal:
            return refusal
    if request.method == "POST" and (form is None or form.is_valid()):
        if form is None or _check_factor(request, proof.user, form, now):
            return _cancel_closure(request, proof.user, now)
    context = {
        "last_day": format_last_day(proof.user),
        "form": form,
        "keys": state.passkeys if form else (),
    }
    return render(request, "profile/closure/closing.html", context)


def _check_factor(request: HttpRequest, user: User, form: CodeForm, now: datetime) -> bool:
    """Whether the code or the passkey is right; `form` says why not."""
    by_key = PASSKEY_FIELD in request.POST
    try:
        if by_key:
            prove_by_key(request, user, now=now)
        else:
            where = get_circumstances(request, user.email)
            prove_by_code(user, form.cleaned_data["code"], where=where, now=now)
    except Refused as refused:
        form.add_error(None if by_key else "code", refused.message)
        return False
    return True


def _cancel_closure(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    try:
        account_departures.cancel_closure(user, actor=Actor.person(user), now=now)
    except Refused as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(
            request, "Votre compte reste ouvert, avec les mêmes accès. Connectez-vous."
        )
    request.session.flush()
    return SeeOther(reverse("cas:login"))
