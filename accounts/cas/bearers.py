"""Who stands behind a session, and whether he may open a platform: asked for each ticket."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection

from accounts.entry.models import SessionRecord
from accounts.enums import Status
from accounts.models import User
from mgestion.dates import paris_date, start_of_paris_day
from mgestion.statements import Statement, moment

# By hand: the query builder would take longer to write it than the database to answer, each time.
_BEARER: Final = Statement(
    User,
    """
    SELECT {row},
           EXISTS (SELECT 1 FROM habilitations_access AS access
                   WHERE access.user_id = person.id AND access.platform_id = %s
                     AND access.ended_at IS NULL) AS entitled,
           EXISTS (SELECT 1 FROM habilitations_platformactivity AS activity
                   WHERE activity.user_id = person.id AND activity.platform_id = %s
                     AND activity.last_at >= %s) AS noted_today
    FROM entry_sessionrecord AS session
    JOIN accounts_user AS person ON person.id = session.user_id
    WHERE session.id = %s AND session.ended_at IS NULL AND session.epoch = person.session_epoch
      AND person.status = %s AND session.started_at > %s AND session.seen_at > %s
      AND EXISTS (SELECT 1 FROM django_session AS cookie
                  WHERE cookie.session_key = session.session_key)
    """,
    alias="person",
    more=("entitled", "noted_today"),
)


@dataclass(frozen=True, slots=True)
class Bearer:
    user: User
    entitled: bool  # an access to the platform is open
    noted_today: bool  # the platform's activity of this Paris day is written already


def bearer(session_id: UUID, platform_id: int, now: datetime) -> Bearer | None:
    """The person for whom a session vouches; None once it no longer does: account, epoch, end,
    both limits (S20, S21). One statement.
    """
    user = _BEARER.first(
        [
            platform_id,
            platform_id,
            moment(start_of_paris_day(paris_date(now))),
            SessionRecord._meta.pk.get_db_prep_value(session_id, connection),
            Status.ACTIVE.value,
            moment(now - settings.SESSION_ABSOLUTE),
            moment(now - settings.SESSION_IDLE),
        ],
    )
    if user is None:
        return None
    facts = vars(user)
    return Bearer(user, bool(facts["entitled"]), bool(facts["noted_today"]))
