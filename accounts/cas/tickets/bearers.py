"""Whom a session vouches for, and which gate stops them at a platform: asked for each ticket."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection

from accounts.entry.gates import Gate, GateFacts, closed_gate
from accounts.entry.models import SessionRecord
from accounts.habilitations.platforms.models import Platform
from accounts.legal.terms.gate import TERMS, write_waiting_document
from accounts.people.models import User
from mgestion.text.dates import paris_date, start_of_paris_day

_DOCUMENTS: Final = f"({TERMS} OR version.platform_id = {{}})"
# What waits for the acceptance of `person` at `platform`, or at the platform whose key is given
# first. Takes the moment.
WAITING: Final = write_waiting_document(
    user="person.id", documents=_DOCUMENTS.format("platform.id")
)
_WAITING_BY_KEY: Final = write_waiting_document(user="person.id", documents=_DOCUMENTS.format("%s"))
# By hand: the query builder takes ten times longer to write it than the database to answer.
_BEARER: Final = f"""
    SELECT person.*, CASE WHEN %s THEN {_WAITING_BY_KEY} END AS waiting,
           EXISTS (SELECT 1 FROM habilitations_access AS access
                   WHERE access.user_id = person.id AND access.platform_id = %s
                     AND access.ended_at IS NULL) AS has_access,
           EXISTS (SELECT 1 FROM habilitations_platformactivity AS activity
                   WHERE activity.user_id = person.id AND activity.platform_id = %s
                     AND activity.last_at >= %s) AS noted_today
    FROM entry_sessionrecord AS session
    JOIN accounts_user AS person ON person.id = session.user_id
    WHERE session.id = %s AND session.ended_at IS NULL AND session.epoch = person.session_epoch
      AND session.started_at > %s AND session.seen_at > %s
      AND EXISTS (SELECT 1 FROM django_session AS cookie
                  WHERE cookie.session_key = session.session_key)
"""  # noqa: S608 - constants of ours


@dataclass(frozen=True, slots=True)
class Bearer:
    """The person behind a session at a platform. `closed`: the first gate that stops them."""

    user: User
    closed: Gate | None
    noted_today: bool  # the platform's activity of this Paris day is written already


def find_bearer(session_id: UUID, platform: Platform, now: datetime) -> Bearer | None:
    """The person for whom a session vouches; None once it no longer does: epoch, end, both limits.
    One statement, the gates included."""
    moment = connection.ops.adapt_datetimefield_value
    parameters = [
        bool(settings.TERMS_GATE_URL_NAME),
        platform.pk,
        moment(now),
        platform.pk,
        platform.pk,
        moment(start_of_paris_day(paris_date(now))),
        SessionRecord._meta.pk.get_db_prep_value(session_id, connection),
        moment(now - settings.SESSION_ABSOLUTE),
        moment(now - settings.SESSION_IDLE),
    ]
    user = next(iter(User.objects.raw(_BEARER, parameters)), None)
    if user is None:
        return None
    waiting = vars(user)["waiting"]
    facts = GateFacts(
        terms_wait=waiting == 0,
        has_access=bool(vars(user)["has_access"]),
        conditions_wait=bool(waiting),  # of what follows the terms' gate
    )
    return Bearer(
        user, closed_gate(user, platform, now, facts=facts), bool(vars(user)["noted_today"])
    )
