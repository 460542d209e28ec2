"""The way from a live session to a platform: gates, then a ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.cas.acts import CasAct
from accounts.cas.protocol import addresses as protocol_addresses
from accounts.cas.protocol.headers import protect_ticket_answer
from accounts.cas.tickets import ticket_life
from accounts.entry.gates import GateKind, closed_gate
from accounts.entry.login import next_targets
from accounts.entry.login.adapter import SeeOther, SeeService
from accounts.entry.login.next_targets import NextTarget
from accounts.habilitations.platforms.cas_services import get_published_path
from accounts.people.models import User
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.web.errors import too_many_requests
from mgestion.web.form_action import may_lead_to
from mgestion.web.middleware.readonly import WriteReason, allow_writes
from mgestion.web.safe_redirect import local_path

WARN: Final = "cas.warn"  # in the session: ask before every later ticket
# In the session: whose login, still being completed, is for which service.
LOGGED_IN_FOR: Final = "cas.logged_in_for"


@dataclass(frozen=True, slots=True)
class LoginOptions:
    """How the platform wants its visitor."""

    renew: bool = False
    gateway: bool = False
    warn: bool = False
    method: str = "GET"

    @property
    def fields(self) -> dict[str, str]:
        """What the login form carries along."""
        carried = {"method": self.method} if self.method != "GET" else {}
        flags = {"renew": self.renew, "warn": self.warn}
        return {**carried, **{name: "true" for name, given in flags.items() if given}}


def read_login_options(parameters: Mapping[str, str]) -> LoginOptions:
    """An unknown method is GET; `renew` wins over `gateway`, which means nothing without a
    service.
    """
    renew = protocol_addresses.is_flag_set(parameters, "renew")
    gateway = (
        protocol_addresses.is_flag_set(parameters, "gateway")
        and not renew
        and "service" in parameters
    )
    method = parameters.get("method", "").upper()
    return LoginOptions(
        renew=renew,
        gateway=gateway,
        warn=protocol_addresses.is_flag_set(parameters, "warn"),
        method=method if method in ("POST", "HEADER") else "GET",
    )


def enter_platform(
    request: HttpRequest,
    user: User,
    target: NextTarget,
    way: LoginOptions,
    *,
    new_login: bool,
    confirmed: bool = False,
    now: datetime,
) -> HttpResponse:
    """The answer to a person with a live session who goes to `target.service`.

    Raises WrongState when the session turns out to be no longer one.
    """
    asks = request.session.get(WARN) and not new_login and not confirmed
    if not asks:
        # The statement that issues asks the gates itself; which one is shut matters to few.
        ticket = _issue_ticket(request, user, target, new_login=new_login, now=now)
        if ticket is not None:
            return hand_ticket_over(request, target, ticket, way)
    stopped = _render_closed_gate(request, user, target, now)
    if stopped is not None:
        # A platform that only wants to know must not get a page instead of an answer.
        return redirect_without_ticket(target) if way.gateway else stopped
    if asks:
        return _ask_confirmation(request, target, way)
    wait = ticket_life.get_seconds_to_wait(request.session.session_key, now)
    if wait:
        return redirect_without_ticket(target) if way.gateway else too_many_requests(request, wait)
    raise WrongState("no_session", "Votre session n’est plus valable\u00a0: reconnectez-vous.")


def _issue_ticket(
    request: HttpRequest, user: User, target: NextTarget, *, new_login: bool, now: datetime
) -> str | None:
    assert target.platform is not None  # noqa: S101 - a checked service has one
    with allow_writes(WriteReason.CAS_LOGIN):
        return ticket_life.issue_ticket(
            user,
            target.platform,
            target.service,
            session_key=request.session.session_key,
            new_login=new_login,
            now=now,
        )


def redirect_without_ticket(target: NextTarget) -> HttpResponse:
    """`gateway`: back to the service, which learns that there is nobody."""
    return SeeService(protocol_addresses.remove_ticket(target.service))


def hand_ticket_over(
    request: HttpRequest, target: NextTarget, ticket: str, way: LoginOptions
) -> HttpResponse:
    """The ticket, the way that the platform asked for."""
    response: HttpResponse
    if way.method == "POST":
        service = protocol_addresses.remove_ticket(target.service)
        context = {"service": service, "ticket": ticket, "platform": target.platform}
        response = render(request, "cas/post.html", context)
        may_lead_to(response, service)
    elif way.method == "HEADER":
        response = HttpResponse(content_type="text/plain; charset=utf-8")
        response["service"] = protocol_addresses.remove_ticket(target.service)
        response["ticket"] = ticket
    else:
        response = SeeService(protocol_addresses.add_ticket(target.service, ticket))
    return protect_ticket_answer(response) if way.method != "POST" else response


def _ask_confirmation(request: HttpRequest, target: NextTarget, way: LoginOptions) -> HttpResponse:
    context = {**next_targets.build_target_context(target), "fields": way.fields}
    response = render(request, "cas/confirm.html", context)
    may_lead_to(response, target.service)
    return response


def _render_closed_gate(
    request: HttpRequest, user: User, target: NextTarget, now: datetime
) -> HttpResponse | None:
    """The page of the gate that is closed; the service goes along to it. None: the way is free."""
    platform = target.platform
    assert platform is not None  # noqa: S101 - a checked service has one
    closed = closed_gate(user, platform, now)
    match closed and closed.kind:
        case None:
            return None
        case GateKind.TERMS:
            return SeeOther(target.to(settings.TERMS_GATE_URL_NAME))
        case GateKind.ACCESS if path := local_path(get_published_path(target.service)):
            return SeeOther(path)  # this portal itself: it leads to the form
        case GateKind.ACCESS:
            return _refuse_access(user, target, now)
        case GateKind.MAINTENANCE:
            return render(request, "cas/maintenance.html", {"platform": platform}, status=503)
        case GateKind.CONDITIONS:
            return SeeOther(target.to(settings.CONDITIONS_GATE_URL_NAME, platform.code))
    return SeeOther(reverse(settings.LANDING_URL_NAME))


def _refuse_access(user: User, target: NextTarget, now: datetime) -> HttpResponse:
    """To the page that says which role is needed and where the request stands."""
    assert target.platform is not None  # noqa: S101 - a checked service has one
    with allow_writes(WriteReason.CAS_LOGIN):
        with transaction.atomic(durable=True):  # outlives the refusal
            write_journal_entry(
                CasAct.PLATFORM_REFUSED,
                actor=Actor.person(user),
                object_type="platform",
                object_id=target.platform.code,
                person=user.public_id,
                reason="no_access",
                now=now,
            )
    address = reverse(settings.REFUSED_ACCESS_URL_NAME, args=[target.platform.code])
    return SeeOther(f"{address}?{urlencode({'service': target.service})}")
