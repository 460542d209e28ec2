"""A platform that asks in a person's name for a ticket to another platform.

Off by default, platform by platform. A granting ticket is as good as the session that it was given
in, and as the permission of every platform on the way.
"""

import logging
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.conf import settings

from accounts.cas.models import GrantingTicket, Ticket
from accounts.cas.protocol import addresses as protocol_addresses
from accounts.cas.protocol.refusals import FailureCode, InvalidTicket
from accounts.cas.tickets.bearers import find_bearer
from accounts.habilitations.platforms import cas_services
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from mgestion import http_client
from mgestion.web.logging.log_lines import one_line

_log = logging.getLogger(__name__)
LONGEST: Final = 3  # platforms in a row: a chain that calls itself must end


def issue_granting_ticket(ticket: Ticket, platform: Platform, url: str, now: datetime) -> str:
    """A granting ticket for the platform that validated `ticket`, handed to `url`; its IOU (P1–P3).

    Calls the platform's server, outside of any transaction. Raises Invalid.
    """
    if not platform.may_proxy:
        raise InvalidTicket(
            FailureCode.UNAUTHORIZED_SERVICE_PROXY,
            "This service is not allowed to proxy authentication.",
        )
    if not cas_services.is_proxy_callback(platform, url):
        raise InvalidTicket(
            FailureCode.INVALID_PROXY_CALLBACK, "The callback is not one of this service's."
        )
    before = list_granting_chain(ticket.granting, now) if ticket.granting else []
    if len(before) >= LONGEST:
        raise InvalidTicket(
            FailureCode.UNAUTHORIZED_SERVICE_PROXY, "Too many services proxy one another."
        )
    granting, iou = protocol_addresses.mint_granting_ticket(), protocol_addresses.mint_iou()
    _call_proxy_back(platform, url, granting, iou)
    GrantingTicket.objects.create(
        digest=protocol_addresses.hash_ticket(granting),
        platform=platform,
        session_id=ticket.session_id,
        parent=ticket.granting,
        url=url,
        issued_at=now,
    )
    _log.info(
        "granting ticket …%s issued for %s",
        protocol_addresses.get_ticket_tail(granting),
        platform.code,
    )
    return iou


def _call_proxy_back(platform: Platform, url: str, granting: str, iou: str) -> None:
    joint = "&" if "?" in url else "?"
    try:
        status, *_ = http_client.send_request(
            f"{url}{joint}{urlencode({'pgtId': granting, 'pgtIou': iou})}",
            timeout=settings.CAS_CALLBACK_TIMEOUT,
            public_only=not settings.CAS_PRIVATE_CALLBACKS,
        )
        said = f"HTTP {status}"
    except http_client.Trouble as trouble:
        status, said = 0, one_line(f"{type(trouble).__name__}: {trouble}")[:120]
    if status != 200:
        _log.warning("the proxy callback of %s failed: %s", platform.code, said)
        raise InvalidTicket(
            FailureCode.INVALID_PROXY_CALLBACK, "The callback could not be called, or refused."
        )


def list_granting_chain(granting: GrantingTicket | None, now: datetime) -> list[GrantingTicket]:
    """`granting` and those that it was got with, the most recent first. Raises Invalid as soon as
    one of them is no longer good: its session, its platform's permission, a gate of its platform.
    """
    links: list[GrantingTicket] = []
    while granting is not None:
        if not _is_still_good(granting, now):
            raise InvalidTicket(
                FailureCode.INVALID_TICKET, "The proxy may no longer act for the person."
            )
        links.append(granting)
        granting = granting.parent
    return links


def _is_still_good(granting: GrantingTicket, now: datetime) -> bool:
    platform = granting.platform
    if not (
        platform.enabled
        and platform.may_proxy
        and cas_services.is_proxy_callback(platform, granting.url)
    ):
        return False
    found = find_bearer(granting.session_id, platform, now)
    return found is not None and found.closed is None


def issue_proxy_ticket(granting_ticket: str, target: str, now: datetime) -> str:
    """A ticket in clear for `target`, good once, as any other (P4, P7). Raises Invalid."""
    granting = _find_granting_ticket(granting_ticket, now)
    platform = cas_services.match_platform(target)
    if platform is None:
        raise InvalidTicket(
            FailureCode.UNAUTHORIZED_SERVICE, "The target service is not registered."
        )
    most, period = settings.CAS_PROXY_TICKETS_PER_SESSION
    recent = Ticket.objects.filter(session=granting.session_id, granting__isnull=False)
    if recent.filter(issued_at__gt=now - period).count() >= most:
        raise InvalidTicket(
            FailureCode.UNAUTHORIZED_SERVICE, "Too many proxy tickets were asked for."
        )
    ticket = protocol_addresses.mint_ticket("PT-")
    Ticket.objects.create(
        digest=protocol_addresses.hash_ticket(ticket),
        tail=protocol_addresses.get_ticket_tail(ticket),
        user=_get_admitted_user(granting, platform, now),
        platform=platform,
        session_id=granting.session_id,
        granting=granting,
        service=protocol_addresses.remove_ticket(target),
        authenticated_at=granting.session.started_at,
        issued_at=now,
        expires_at=now + timedelta(seconds=platform.ticket_seconds),
    )
    by, to = granting.platform.code, platform.code
    _log.info(
        "proxy ticket …%s of %s issued for %s", protocol_addresses.get_ticket_tail(ticket), by, to
    )
    return ticket


def _find_granting_ticket(granting_ticket: str, now: datetime) -> GrantingTicket:
    digest = protocol_addresses.hash_ticket(granting_ticket)
    rows = GrantingTicket.objects.select_related("platform", "session")
    granting = rows.filter(digest=digest).first()
    try:
        if granting is not None and list_granting_chain(granting, now):
            return granting
    except InvalidTicket:
        pass  # said as if it had never been one
    raise InvalidTicket(
        FailureCode.UNAUTHORIZED_SERVICE, "The proxy granting ticket is unknown or no longer good."
    )


def _get_admitted_user(granting: GrantingTicket, platform: Platform, now: datetime) -> User:
    """The person, past every gate: here nobody is there to be shown a page."""
    found = find_bearer(granting.session_id, platform, now)
    if found is None or found.closed is not None:
        raise InvalidTicket(
            FailureCode.UNAUTHORIZED_SERVICE, "The person may not open the target service now."
        )
    return found.user
