"""A ticket's life: issued to a live session, consumed by one statement, validated or not."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery

from accounts.cas import protocol
from accounts.cas.models import Ticket
from accounts.entry.models import SessionRecord
from accounts.habilitations import services
from accounts.habilitations.activity import note_entry
from accounts.habilitations.models import Access, Platform, PlatformActivity
from accounts.models import User
from mgestion.errors import WrongState

_log = logging.getLogger(__name__)


class Code:
    """The failures of a validation (R9)."""

    INVALID_REQUEST: Final = "INVALID_REQUEST"
    INVALID_TICKET_SPEC: Final = "INVALID_TICKET_SPEC"
    UNAUTHORIZED_SERVICE_PROXY: Final = "UNAUTHORIZED_SERVICE_PROXY"
    INVALID_PROXY_CALLBACK: Final = "INVALID_PROXY_CALLBACK"
    INVALID_TICKET: Final = "INVALID_TICKET"
    INVALID_SERVICE: Final = "INVALID_SERVICE"
    INTERNAL_ERROR: Final = "INTERNAL_ERROR"
    UNAUTHORIZED_SERVICE: Final = "UNAUTHORIZED_SERVICE"  # of /proxy


class Invalid(Exception):
    """A validation's answer is no. The text is for the platform's developers and names no
    secret.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Validated:
    """Who came, to which platform, and how."""

    user: User
    platform: Platform
    authenticated_at: datetime
    new_login: bool


def issue(
    user: User,
    platform: Platform,
    service: str,
    *,
    session_key: str | None,
    new_login: bool,
    now: datetime,
) -> str:
    """A ticket in clear for `service`, good once and for the platform's seconds (T4).

    The gates are passed already. Raises WrongState when the session is not one that our login
    opened, or has just ended.
    """
    record = SessionRecord.objects.filter(
        session_key=session_key or "", user=user, ended_at__isnull=True, epoch=user.session_epoch
    ).first()
    if record is None:
        raise WrongState("no_session", "Votre session n’est plus valable\u00a0: reconnectez-vous.")
    ticket = protocol.mint()
    Ticket.objects.create(
        digest=protocol.digest(ticket),
        tail=protocol.tail(ticket),
        user=user,
        platform=platform,
        session=record,
        service=protocol.without_ticket(service),
        new_login=new_login,
        issued_at=now,
        expires_at=now + timedelta(seconds=platform.ticket_seconds),
    )
    _log.info("ticket …%s issued for %s", protocol.tail(ticket), platform.code)
    return ticket


def burn(ticket: str, now: datetime) -> None:
    """An attempt that could not even be read uses the ticket up too (V6)."""
    if protocol.looks_like_ticket(ticket):
        Ticket.objects.filter(digest=protocol.digest(ticket), consumed_at__isnull=True).update(
            consumed_at=now
        )


def validate(ticket: str, service: str, *, renew: bool, now: datetime) -> Validated:
    """The one attempt of `ticket` (V5–V9, V15). Raises Invalid; the ticket is used up either way.

    The conditional UPDATE decides alone which of many parallel calls goes on; it commits by itself,
    so that no failure after it gives the ticket back.
    """
    # The clear value enters with the same statement: single logout will name it (O15).
    claimed = protocol.looks_like_ticket(ticket) and Ticket.objects.filter(
        digest=protocol.digest(ticket), consumed_at__isnull=True
    ).update(consumed_at=now, clear=ticket)
    if not claimed:
        raise Invalid(Code.INVALID_TICKET, "The ticket is unknown, expired or already used.")
    row = _read(ticket)
    try:
        _check(row, service, renew=renew, now=now)
    except Invalid as refusal:
        Ticket.objects.filter(pk=row.pk).update(clear="")
        _log.info("ticket …%s of %s: %s", row.tail, row.platform.code, refusal.code)
        raise
    note_entry(row.user, row.platform, last_at=row.last_at, now=now)  # type: ignore[attr-defined]
    return Validated(
        user=row.user,
        platform=row.platform,
        authenticated_at=row.session.started_at,
        new_login=row.new_login,
    )


def _read(ticket: str) -> Ticket:
    """The ticket with all that decides, in one statement."""
    same = {"user_id": OuterRef("user_id"), "platform_id": OuterRef("platform_id")}
    return (
        Ticket.objects.select_related("user", "platform", "session")
        .annotate(
            entitled=Exists(Access.objects.filter(**same, ended_at__isnull=True)),
            last_at=Subquery(PlatformActivity.objects.filter(**same).values("last_at")[:1]),
        )
        .get(digest=protocol.digest(ticket))
    )


def _check(row: Ticket, service: str, *, renew: bool, now: datetime) -> None:
    if row.expires_at <= now:
        raise Invalid(Code.INVALID_TICKET, "The ticket is unknown, expired or already used.")
    if row.service != service:
        raise Invalid(Code.INVALID_SERVICE, "The ticket was issued for another service.")
    # The registry as it is now, not as it was a minute ago (S5).
    platform = services.match(service)
    if platform is None or platform.pk != row.platform_id:
        raise Invalid(Code.INVALID_SERVICE, "The service is not registered.")
    if renew and not row.new_login:
        raise Invalid(Code.INVALID_TICKET, "The ticket was not issued from a new login.")
    if not session_lives(row.session, row.user, now) or not row.entitled:  # type: ignore[attr-defined]
        raise Invalid(Code.INVALID_TICKET, "The person may no longer open this service.")


def session_lives(session: SessionRecord, user: User, now: datetime) -> bool:
    """Whether a session still vouches for its person: account, epoch, end and both limits (S20,
    S21).
    """
    return (
        user.is_active
        and session.ended_at is None
        and session.epoch == user.session_epoch
        and now - session.started_at < settings.SESSION_ABSOLUTE
        and now - session.seen_at < settings.SESSION_IDLE
    )


@transaction.atomic
def purge(now: datetime) -> dict[str, int]:
    """Forgets tickets a day old that no session's end needs any more."""
    old = Ticket.objects.filter(issued_at__lt=now - timedelta(days=1), clear="")
    return {"tickets": old.delete()[0]}
