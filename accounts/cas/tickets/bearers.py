"""Whom a session vouches for, and which gate stops them at a platform: asked for each ticket."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, F, OuterRef

from accounts.entry.gates import Gate, GateFacts, closed_gate, gate_columns
from accounts.entry.models import SessionRecord
from accounts.habilitations.accesses.models import PlatformActivity
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from mgestion.text.dates import paris_date, start_of_paris_day


@dataclass(frozen=True, slots=True)
class Bearer:
    """The person behind a session at a platform. `closed`: the first gate that stops them."""

    user: User
    closed: Gate | None
    noted_today: bool  # the platform's activity of this Paris day is written already


def find_bearer(session_id: UUID, platform: Platform, now: datetime) -> Bearer | None:
    """The person for whom a session vouches; None once it no longer does: epoch, end, both limits
    (S20, S21). One statement, the gates included.
    """
    noted = PlatformActivity.objects.filter(
        user=OuterRef("user"), platform=platform, last_at__gte=start_of_paris_day(paris_date(now))
    )
    record = (
        SessionRecord.objects.open()
        .select_related("user")
        .filter(
            Exists(Session.objects.filter(session_key=OuterRef("session_key"))),
            pk=session_id,
            epoch=F("user__session_epoch"),
            started_at__gt=now - settings.SESSION_ABSOLUTE,
            seen_at__gt=now - settings.SESSION_IDLE,
        )
        .annotate(noted_today=Exists(noted), **gate_columns("user", platform, now))
        .first()
    )
    if record is None:
        return None
    closed = closed_gate(record.user, platform, now, facts=GateFacts.read(record))
    return Bearer(record.user, closed, record.noted_today)  # type: ignore[attr-defined]  # annotated
