"""A ticket's life: issued to a live session, consumed by one statement, validated or not."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from accounts.cas.models import GrantingTicket, Ticket
from accounts.cas.protocol import addresses as protocol_addresses
from accounts.cas.protocol.refusals import FailureCode, InvalidTicket
from accounts.cas.tickets import proxying
from accounts.cas.tickets.bearers import WAITING, find_bearer
from accounts.habilitations.accesses.activity import note_platform_entry
from accounts.habilitations.platforms import cas_services
from accounts.habilitations.platforms.models import Platform
from accounts.people.enums import Status
from accounts.people.models import User

_log = logging.getLogger(__name__)
TICKET_ROW_LIFE: Final = timedelta(days=1)

# Both by hand, for what the query builder cannot say: one statement looks and acts. That of the
# issue holds the conditions of `entry.gates`, so that no gate closes between a look and the ticket.
_ISSUE: Final = f"""
    INSERT INTO cas_ticket (digest, clear, tail, user_id, platform_id, session_id, service,
                            new_login, authenticated_at, issued_at, expires_at)
    SELECT %s, '', %s, person.id, platform.id, session.id, %s, %s, session.started_at, %s, %s
    FROM entry_sessionrecord AS session
    JOIN accounts_user AS person ON person.id = session.user_id
    JOIN habilitations_platform AS platform ON platform.id = %s
    WHERE session.session_key = %s AND session.user_id = %s AND session.ended_at IS NULL
      AND session.epoch = person.session_epoch AND person.status = %s
      AND (%s OR {WAITING} IS NULL)
      AND EXISTS (SELECT 1 FROM habilitations_access AS access
                  WHERE access.user_id = person.id AND access.platform_id = platform.id
                    AND access.ended_at IS NULL)
      AND platform.enabled AND platform.maintenance_message = ''
      AND (SELECT COUNT(*) FROM cas_ticket AS recent
           WHERE recent.session_id = session.id AND recent.granting_id IS NULL
             AND recent.issued_at > %s) < %s
"""  # noqa: S608 - constants of ours
_CLAIM: Final = """
    UPDATE cas_ticket SET consumed_at = %s, clear = %s
    WHERE digest = %s AND consumed_at IS NULL
    RETURNING *
"""


@dataclass(frozen=True, slots=True)
class ValidatedTicket:
    """Who came, to which platform, and how. `proxies`: the callbacks of those who asked in the
    person's name, the most recent first; `iou`: of a granting ticket.
    """

    user: User
    platform: Platform
    authenticated_at: datetime
    new_login: bool
    proxies: tuple[str, ...] = ()
    iou: str = ""


def issue_ticket(
    user: User,
    platform: Platform,
    service: str,
    *,
    session_key: str | None,
    new_login: bool,
    now: datetime,
) -> str | None:
    """A ticket in clear for `service`, good once and for the platform's seconds (T4).

    None when a gate is shut, or the session is not one that our login opened, or has ended,
    or got too many: nothing is written, and the caller finds out which.
    """
    most, period = settings.CAS_TICKETS_PER_SESSION
    adapt = connection.ops.adapt_datetimefield_value
    ticket = protocol_addresses.mint_ticket("ST-")
    with connection.cursor() as cursor:
        cursor.execute(
            _ISSUE,
            [
                protocol_addresses.hash_ticket(ticket),
                protocol_addresses.get_ticket_tail(ticket),
                protocol_addresses.remove_ticket(service),
                new_login,
                adapt(now),
                adapt(now + timedelta(seconds=platform.ticket_seconds)),
                platform.pk,
                session_key or "",
                user.pk,
                Status.ACTIVE.value,
                not settings.TERMS_GATE_URL_NAME,
                adapt(now),
                adapt(now - period),
                most,
            ],
        )
        if cursor.rowcount != 1:
            return None
    _log.info("ticket …%s issued for %s", protocol_addresses.get_ticket_tail(ticket), platform.code)
    return ticket


def get_seconds_to_wait(session_key: str | None, now: datetime) -> int:
    """Until a session that got too many tickets may have another one; 0 when it has not."""
    most, period = settings.CAS_TICKETS_PER_SESSION
    recent = Ticket.objects.filter(
        session__session_key=session_key or "", granting__isnull=True, issued_at__gt=now - period
    )
    oldest = recent.order_by("-issued_at").values_list("issued_at", flat=True)[most - 1 : most]
    return next((max(1, int((at + period - now).total_seconds())) for at in oldest), 0)


def consume_unread_ticket(ticket: str, now: datetime) -> None:
    """An attempt that could not even be read uses the ticket up too (V6)."""
    if protocol_addresses.looks_like_ticket(ticket):
        Ticket.objects.filter(
            digest=protocol_addresses.hash_ticket(ticket), consumed_at__isnull=True
        ).update(consumed_at=now)


def validate_ticket(
    ticket: str, service: str, *, renew: bool, callback: str = "", now: datetime
) -> ValidatedTicket:
    """The one attempt of `ticket` (V5–V9, V15). Raises Invalid; the ticket is used up either way.

    `callback`: where the platform wants a granting ticket ("" = it wants none).
    """
    row = _claim_ticket(ticket, now)
    if row is None:
        raise InvalidTicket(
            FailureCode.INVALID_TICKET, "The ticket is unknown, expired or already used."
        )
    try:
        return _check_ticket(row, service, renew=renew, callback=callback, now=now)
    except InvalidTicket as refusal:
        Ticket.objects.filter(pk=row.pk).update(clear="")
        _log.info("ticket …%s: %s", row.tail, refusal.code)
        raise


def _claim_ticket(ticket: str, now: datetime) -> Ticket | None:
    """The conditional UPDATE decides alone which of many parallel calls goes on; it commits by
    itself, so that no failure after it gives the ticket back. The clear value enters with it:
    single logout will name it (O15).
    """
    if not protocol_addresses.looks_like_ticket(ticket):
        return None
    adapt = connection.ops.adapt_datetimefield_value
    claimed = Ticket.objects.raw(
        _CLAIM, [adapt(now), ticket, protocol_addresses.hash_ticket(ticket)]
    )
    return next(iter(claimed), None)


def _check_ticket(
    row: Ticket, service: str, *, renew: bool, callback: str, now: datetime
) -> ValidatedTicket:
    if row.expires_at <= now:
        raise InvalidTicket(
            FailureCode.INVALID_TICKET, "The ticket is unknown, expired or already used."
        )
    if not cas_services.are_same(row.service, service):
        raise InvalidTicket(
            FailureCode.INVALID_SERVICE, "The ticket was issued for another service."
        )
    # The registry as it is now, not as it was a minute ago.
    platform = cas_services.match_platform(service)
    if platform is None or platform.pk != row.platform_id:
        raise InvalidTicket(FailureCode.INVALID_SERVICE, "The service is not registered.")
    if renew and not row.new_login:
        raise InvalidTicket(
            FailureCode.INVALID_TICKET, "The ticket was not issued from a new login."
        )
    found = find_bearer(row.session_id, platform, now)
    if found is None or found.closed is not None:
        raise InvalidTicket(
            FailureCode.INVALID_TICKET, "The person may no longer open this service."
        )
    proxies = tuple(link.url for link in proxying.list_granting_chain(row.granting, now))
    iou = proxying.issue_granting_ticket(row, platform, callback, now) if callback else ""
    note_platform_entry(found.user, platform, noted_today=found.noted_today, now=now)
    return ValidatedTicket(
        user=found.user,
        platform=platform,
        authenticated_at=row.authenticated_at,
        new_login=row.new_login,
        proxies=proxies,
        iou=iou,
    )


@transaction.atomic
def purge_old_tickets(now: datetime) -> dict[str, int]:
    """Forgets tickets a day old that no session's end needs any more, then the granting tickets
    that nothing refers to: no session lasts that long.
    """
    old = Ticket.objects.filter(issued_at__lt=now - TICKET_ROW_LIFE, clear="")
    tickets = old.delete()[0]
    used = Ticket.objects.filter(granting=OuterRef("pk"))
    granting = GrantingTicket.objects.filter(~Exists(used), issued_at__lt=now - TICKET_ROW_LIFE)
    return {"tickets": tickets, "granting_tickets": granting.delete()[0]}
