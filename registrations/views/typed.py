"""What was typed in the request form while the session ended, or while another tab logged in: kept
with the session of the login that follows, and given back to the same person. Nothing but the form
reads it; the switches are never kept.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.entry import limits, sessions
from accounts.models import User
from mgestion.web import errors
from mgestion.web.client_ip import client_ip, network_key
from registrations.forms import COMPANY_ONLY, MANDATORY

_KEY: Final = "request_form_typed"
_FIELDS: Final = (*MANDATORY, "kind", "department", *COMPANY_ONLY)
_LONGEST: Final = 300  # characters: more than any field takes
_FORMS: Final = ("registrations:request_new", "registrations:request_edit")

_WAITING: Final = (
    "Vos réponses sont gardées un quart d’heure\u00a0: connectez-vous pour les retrouver."
)

_View = Callable[..., HttpResponse]


def kept_over_login(view: _View) -> _View:
    """For who is logged in, as any page; but what anybody else posts waits for his login."""

    @login_not_required
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if isinstance(request.user, User):
            return view(request, **kwargs)
        now = timezone.now()
        network = network_key(client_ip(request))
        if request.method == "POST" and not limits.hit(
            f"typed:{network}", settings.LOGINS_PER_IP, now=now
        ):
            _keep(request, now)
            messages.info(request, _WAITING)
        return redirect_to_login(request.get_full_path())

    return wrapped


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """As for any page; who is logged in finds the request form again as he had filled it. Nobody
    else's session is written: the form may come from another site.
    """
    match = request.resolver_match
    if isinstance(request.user, User) and match is not None and match.view_name in _FORMS:
        _keep(request, timezone.now())
        return redirect(request.get_full_path())
    return errors.csrf_failure(request, reason)


def _keep(request: HttpRequest, now: datetime) -> None:
    request.session[_KEY] = {
        "person": request.POST.get("person", "")[:_LONGEST],
        "page": request.get_full_path(),
        "at": int(now.timestamp()),
        "said": {name: request.POST.get(name, "")[:_LONGEST] for name in _FIELDS},
    }
    sessions.keep_briefly(request)


def kept(request: HttpRequest, user: User, now: datetime) -> dict[str, str]:
    """What `user` had typed on this very page a few minutes ago; empty when there is nothing."""
    found = request.session.get(_KEY)
    if (
        not found
        or found["person"] != str(user.public_id)
        or found["page"] != request.get_full_path()
        or now.timestamp() - found["at"] > settings.ACCOUNT_LOGIN_TIMEOUT
    ):
        return {}
    said: dict[str, str] = found["said"]
    return said


def forget(request: HttpRequest) -> None:
    """It is sent, or replaced."""
    request.session.pop(_KEY, None)
