"""« Mon compte »: who I am here, where I am logged in, my password."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.entry.limits import known_devices
from accounts.entry.login.adapter import SeeOther, check_own_password
from accounts.entry.sessions import session_flows
from accounts.entry.sign_up.forms import ChangePasswordForm
from accounts.people.signed_in import get_signed_in_user
from accounts.people.to_do import list_to_do
from accounts.profile.account import flows
from accounts.profile.account.forms import IdentityForm
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.templatetags.portal import phone_fr


def home_view(request: HttpRequest) -> HttpResponse:
    """Four statements, whatever the number of past sessions, and one for « À vous de répondre »."""
    user = get_signed_in_user(request)
    key = request.session.session_key or ""
    context = {
        "person": user,
        "to_do": list_to_do(user, timezone.now()),
        "sessions": session_flows.list_open_sessions(user, timezone.now()),
        "current": key,
        "past": session_flows.list_past_logins(user, key),
    }
    return render(request, "profile/account/home.html", context)


@sensitive_post_parameters("current", "password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def change_password_view(request: HttpRequest) -> HttpResponse:
    """The current password first; it is counted like a login, so that a borrowed screen cannot
    guess it.
    """
    user = get_signed_in_user(request)
    form = ChangePasswordForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        typed, wrong = form.cleaned_data["current"], "Le mot de passe actuel est incorrect."
        try:
            check_own_password(request, user, typed, wrong=wrong, now=now)
        except Refused as refusal:
            form.add_error("current", refusal.message)
        else:
            password_hash = make_password(form.cleaned_data["password1"])
            flows.change_password(request, user, password_hash=password_hash, now=now)
            messages.success(
                request, "Votre mot de passe est changé. Vos autres sessions sont fermées."
            )
            return SeeOther(reverse("profile:home"))
    return render(request, "profile/account/change_password.html", {"form": form, "person": user})


@require_http_methods(["GET", "HEAD", "POST"])
def rectify_view(request: HttpRequest) -> HttpResponse:
    """Names and telephone. The address has a page of its own: it must be proven."""
    user = get_signed_in_user(request)
    initial = {
        "last_name": user.last_name,
        "first_name": user.first_name,
        "phone": phone_fr(user.phone),
    }
    form = IdentityForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        changed = flows.rectify_identity(
            user, said=form.cleaned_data, actor=Actor.person(user), now=timezone.now()
        )
        messages.success(
            request, "Vos coordonnées sont à jour." if changed else "Rien n’a été modifié."
        )
        return SeeOther(reverse("profile:home"))
    return render(request, "profile/account/rectify.html", {"form": form, "person": user})


@require_POST
def end_session_view(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """One of one's own other sessions; somebody else's does not exist here."""
    if not flows.log_out_one(get_signed_in_user(request), record_id, now=timezone.now()):
        messages.warning(request, "Cette session est déjà fermée.")
    else:
        messages.success(request, "La session est fermée.")
    return SeeOther(reverse("profile:home"))


@require_POST
def end_sessions_view(request: HttpRequest) -> HttpResponse:
    """« Me déconnecter partout », here included; this browser alone stays a known one."""
    user = get_signed_in_user(request)
    flows.log_out_everywhere(user, now=timezone.now())
    session_flows.log_out(request, reason="everywhere", now=timezone.now())
    messages.success(
        request, "Toutes vos sessions sont fermées. Reconnectez-vous quand vous voulez."
    )
    response = SeeOther(reverse("cas:login"))
    known_devices.remember_device(request, response, user)
    return response
