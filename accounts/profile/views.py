"""« Mon compte »: who I am here, where I am logged in, my password."""

from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.entry import sessions
from accounts.entry.adapter import SeeOther, circumstances
from accounts.entry.flows.login import try_password
from accounts.entry.forms import ChangePasswordForm
from accounts.models import User
from accounts.profile import flows
from mgestion.errors import Refused


def _me(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise TypeError("Login is required by default: this page has a person.")
    return user


@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Four statements, whatever the number of past sessions."""
    user = _me(request)
    key = request.session.session_key or ""
    context = {
        "person": user,
        "sessions": sessions.open_sessions(user, timezone.now()),
        "current": key,
        "previous": sessions.previous_login(user, key),
    }
    return render(request, "profile/home.html", context)


@never_cache
@sensitive_post_parameters("current", "password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """The current password first; it is counted like a login, so that a borrowed screen cannot
    guess it (S16).
    """
    user = _me(request)
    form = ChangePasswordForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        current: str = form.cleaned_data["current"]
        try:
            try_password(
                user.email,
                lambda: user if user.check_password(current) else None,
                where=circumstances(request, user.email),
                now=now,
            )
        except Refused as refusal:
            message = (
                "Le mot de passe actuel est incorrect."
                if refusal.code == "mismatch"
                else refusal.message
            )
            form.add_error("current", message)
        else:
            password_hash = make_password(form.cleaned_data["password1"])
            flows.change_password(request, user, password_hash=password_hash, now=now)
            messages.success(
                request, "Votre mot de passe est changé. Vos autres sessions sont fermées."
            )
            return SeeOther(reverse("profile:home"))
    return render(request, "profile/change_password.html", {"form": form, "person": user})


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """« Me déconnecter partout », here included."""
    user = _me(request)
    flows.log_out_everywhere(user, now=timezone.now())
    sessions.log_out(request, reason="everywhere", now=timezone.now())
    messages.success(
        request, "Toutes vos sessions sont fermées. Reconnectez-vous quand vous voulez."
    )
    return SeeOther(reverse("cas:login"))
