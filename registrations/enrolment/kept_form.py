"""What was typed in a form while the session ended, or while another tab logged in: kept with the
session of the login that follows, and given back to the same person, on the same page. Nothing but
that page reads it; the switches of the request form are never kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.cas.endpoints.restart import form_address, restart_login
from accounts.entry.desk.staff_typing import is_staff_form, keep_staff_form
from accounts.entry.limits import rate_limits
from accounts.entry.sessions import session_flows
from accounts.people.models import User
from mgestion.web import errors
from mgestion.web.kept_typing import forget_typing, kept_typing, store_typing
from mgestion.web.middleware.client_ip import client_ip, network_key
from registrations.enrolment.forms import COMPANY_ONLY, MANDATORY


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Which fields of a form are kept, and up to how many characters each: more than it takes."""

    fields: tuple[str, ...]
    longest: int
    waiting: str


_REQUEST: Final = KeptForm(
    (*MANDATORY, "kind", "department", *COMPANY_ONLY),
    300,
    "Vos réponses sont gardées un quart d’heure\u00a0: connectez-vous pour les retrouver.",
)
DESK: Final = KeptForm(
    (
        *("refusal", "text", "internal_note"),
        *("role", "reason", "evidence", "establishment"),
        *("template", "message", "documents", "last_day"),
        *("to", "delegation", "branch"),
    ),
    10_000,
    "Rien n’a été envoyé. Votre saisie est gardée un quart d’heure\u00a0: connectez-vous pour la "
    "retrouver.",
)
# The acts of the desk whose form holds something that was typed.
DESK_ACTS: Final = (
    *("approve", "refuse", "ask", "prolong", "assign", "reroute", "note", "reopen"),
    *("suspend_access", "told_otherwise"),
)
_FORMS: Final = {
    "registrations:request_new": _REQUEST,
    "registrations:request_edit": _REQUEST,
    **{f"admin:registrations_request_{act}": DESK for act in DESK_ACTS},
}

_View = Callable[..., HttpResponse]


def kept_over_login(view: _View) -> _View:
    """For who is logged in, as any page; but what anybody else posts waits for their login."""

    @login_not_required
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if isinstance(request.user, User):
            return view(request, **kwargs)
        now = timezone.now()
        network = network_key(client_ip(request))
        form = _form_of(request)
        if (
            request.method == "POST"
            and form is not None
            and not rate_limits.hit(f"typed:{network}", settings.LOGINS_PER_IP, now=now)
        ):
            _keep(request, form, now)
            messages.info(request, form.waiting)
        return redirect_to_login(_page(request))

    return wrapped


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """As for any page; who is logged in finds the form again as they had filled it, and a login
    form that another tab outran starts again. Nobody else's session is written: the form may come
    from another site.
    """
    form = _form_of(request)
    if isinstance(request.user, User):
        now = timezone.now()
        if form is not None:
            _keep(request, form, now)
            return redirect(_page(request))
        if is_staff_form(request) and keep_staff_form(request, now):
            return redirect(request.get_full_path())
    again = restart_login(request, reason)
    return again or errors.csrf_failure(request, reason, back=form_address(request))


def _form_of(request: HttpRequest) -> KeptForm | None:
    match = request.resolver_match
    return _FORMS.get(match.view_name) if match is not None else None


def _page(request: HttpRequest) -> str:
    """Where the form stands: an act of the desk has no page of its own."""
    match = request.resolver_match
    if match is None or _FORMS.get(match.view_name) is not DESK:
        return request.get_full_path()
    return reverse("admin:registrations_request_change", args=[match.kwargs["object_id"]])


def _keep(request: HttpRequest, form: KeptForm, now: datetime) -> None:
    match = request.resolver_match
    said = {name: [request.POST.get(name, "")[: form.longest]] for name in form.fields}
    name = match.view_name if match is not None else ""
    store_typing(request, page=_page(request), form=name, said=said, now=now)
    session_flows.keep_briefly(request)


def kept(request: HttpRequest, now: datetime) -> dict[str, str]:
    """What the person had typed on this very page a few minutes ago; empty when nothing."""
    return kept_act(request, now)[1]


def kept_act(request: HttpRequest, now: datetime) -> tuple[str, dict[str, str]]:
    """As `kept`, with the name of the act that was posted, on pages of several."""
    form, said = kept_typing(request, now)
    act = form.rpartition("registrations_request_")[2]
    return act, {name: values[0] for name, values in said.items()}


def forget(request: HttpRequest) -> None:
    """It is sent, or replaced."""
    forget_typing(request)
