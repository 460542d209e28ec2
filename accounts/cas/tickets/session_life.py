"""What the portal's session and the sessions that it opened on platforms owe each other, besides
the end (`single_logout`): a new login takes them over, and work there keeps it from being idle.
"""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from accounts.cas.models import GrantingTicket, Ticket
from accounts.entry.models import SessionRecord
from accounts.habilitations.accesses.models import PlatformActivity


@transaction.atomic
def move_tickets(old_id: UUID, new_id: UUID) -> None:
    """A login of the same person in the same browser takes over what the session before it opened:
    a password that one platform asks for again closes no other.
    """
    Ticket.objects.filter(session=old_id).update(session=new_id)
    GrantingTicket.objects.filter(session=old_id).update(session=new_id)


def has_open_platforms(session_key: str) -> bool:
    """Whether a platform that this session opened was not told of its end yet."""
    validated = Ticket.objects.exclude(clear="")
    return validated.filter(session__session_key=session_key).exists()


def extend_sessions_by_work(now: datetime) -> int:
    """Sessions whose person has worked on a platform since the portal last saw them are as recent
    as that work, within their absolute limit. Returns how many were extended.

    Only a platform that validated a ticket of the very session counts, by the activity that it
    tells. Looked at in the second half of the idle time, so that most sessions cost
    nothing.
    """
    worked = PlatformActivity.objects.filter(
        user=OuterRef("user"), platform=OuterRef("platform")
    ).values("last_at")
    rows = (
        Ticket.objects.exclude(clear="")
        .filter(
            session__ended_at__isnull=True,
            session__started_at__gt=now - settings.SESSION_ABSOLUTE,
            session__seen_at__lte=now - settings.SESSION_IDLE / 2,
        )
        .annotate(worked_at=Subquery(worked[:1]))
        .filter(worked_at__gt=F("session__seen_at"))
    )
    latest: dict[UUID, datetime] = {}
    for session_id, worked_at in rows.values_list("session_id", "worked_at"):
        latest[session_id] = max(worked_at, latest.get(session_id, worked_at))
    return sum(
        SessionRecord.objects.open()
        .filter(pk=session_id, seen_at__lt=worked_at)
        .update(seen_at=worked_at)
        for session_id, worked_at in latest.items()
    )
