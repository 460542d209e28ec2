"""Forms whose CSRF token was replaced while another tab logged in or out: the login page starts
again with its target, any other form is given back as it was filled.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.cas.endpoints.entering import read_login_options
from accounts.entry.login import next_targets
from accounts.entry.login.adapter import SeeOther
from accounts.entry.login.next_targets import NextTarget
from accounts.entry.sessions.kept_forms import get_form_page, is_kept_form, keep_form
from accounts.people.models import User
from mgestion.web import errors

_LOGINS = ("cas:login", "cas:confirm")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A person who is logged in finds the form again as they had filled it, and a login form that
    another tab outran starts again. Nobody else's session is written: the form may come from
    another site.
    """
    if isinstance(request.user, User) and is_kept_form(request):
        if keep_form(request, timezone.now()):
            return redirect(get_form_page(request))
    again = restart_login(request, reason)
    return again or errors.csrf_failure(request, reason, back=get_form_address(request))


def restart_login(request: HttpRequest, reason: str) -> HttpResponse | None:
    """The login page again with the same target, for a form whose token was replaced. A live
    session goes on from there.

    None for every other failure: a browser that keeps no cookie would come back here for ever, a
    form of another site is refused, and so is a service that nobody registered.
    """
    match = request.resolver_match
    if match is None or match.view_name not in _LOGINS or not _is_token_replaced(request, reason):
        return None
    try:
        target = next_targets.get_request_target(request)
    except next_targets.UnknownService:
        return None
    way = read_login_options(request.POST)
    if way.renew or not request.user.is_authenticated:
        messages.info(
            request,
            "Entre-temps, un autre onglet a ouvert ou fermé une session. Rien n’a été envoyé"
            "\u00a0: connectez-vous ici pour continuer.",
        )
    return SeeOther(target.to("cas:login", **way.fields))


def get_form_address(request: HttpRequest) -> str:
    """Where the form that was refused is found again, with the target that it carried."""
    match = request.resolver_match
    try:
        target = next_targets.get_request_target(request)
    except next_targets.UnknownService:
        target = NextTarget()
    if match is not None and match.view_name in _LOGINS:
        return target.to("cas:login")
    if not target or request.GET:
        return request.get_full_path()
    return f"{request.path}?{urlencode(target.parameters)}"


def _is_token_replaced(request: HttpRequest, reason: str) -> bool:
    """Whether the browser has a token, and the form another one. Django's words for it begin so;
    those of a foreign origin and of a missing cookie do not.
    """
    return settings.CSRF_COOKIE_NAME in request.COOKIES and reason.startswith("CSRF token")
