"""Sessions: opened by a completed login, limited in time, ended for good (S20).

The session's own data hold its two dates, so that checking them costs no statement; the record is
for people (list, last login) and for single sign-on.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth import logout as django_logout
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from accounts.entry.models import SessionRecord
from accounts.models import User
from mgestion.web.client_ip import client_ip

STARTED = "started_at"
SEEN = "seen_at"


def stamp_start(request: HttpRequest, now: datetime) -> None:
    """Both clocks of the session start at `now`."""
    request.session[STARTED] = request.session[SEEN] = int(now.timestamp())


def open_record(
    request: HttpRequest, user: User, *, new_device: bool, now: datetime
) -> SessionRecord:
    """The row of a login that is complete; the session has its new id already."""
    stamp_start(request, now)
    return SessionRecord.objects.create(
        user=user,
        session_key=request.session.session_key or "",
        epoch=user.session_epoch,
        started_at=now,
        seen_at=now,
        new_device=new_device,
        user_agent=request.headers.get("User-Agent", "")[:200],
        ip=client_ip(request) or None,
    )


def end_record(session_key: str | None, *, reason: str, now: datetime) -> None:
    """Close the row of one session, once."""
    if session_key:
        SessionRecord.objects.filter(session_key=session_key, ended_at__isnull=True).update(
            ended_at=now, end_reason=reason
        )


def over(request: HttpRequest, now: datetime) -> str:
    """Why the session of this request may not go on: "idle", "absolute", or "" (2 h and 10 h)."""
    started = datetime.fromtimestamp(request.session[STARTED], tz=UTC)
    seen = datetime.fromtimestamp(request.session[SEEN], tz=UTC)
    if now - started >= settings.SESSION_ABSOLUTE:
        return "absolute"
    return "idle" if now - seen >= settings.SESSION_IDLE else ""


def log_out(request: HttpRequest, *, reason: str, now: datetime) -> None:
    """End this session on the server; the cookie goes with it."""
    end_record(request.session.session_key, reason=reason, now=now)
    django_logout(request)


@transaction.atomic
def end_all(user: User, *, reason: str, now: datetime, keep: str = "") -> int:
    """End every session of a person but `keep`: one increment ends them all, the rows follow.

    Returns how many were open.
    """
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    open_records = SessionRecord.objects.filter(user=user, ended_at__isnull=True).exclude(
        session_key=keep
    )
    keys = list(open_records.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return open_records.update(ended_at=now, end_reason=reason)


def open_sessions(user: User, now: datetime) -> list[SessionRecord]:
    """The sessions that still work, newest first: open, of this epoch, within both limits."""
    return list(
        SessionRecord.objects.filter(
            user=user,
            ended_at__isnull=True,
            epoch=user.session_epoch,
            started_at__gt=now - settings.SESSION_ABSOLUTE,
            seen_at__gt=now - settings.SESSION_IDLE,
        ).order_by("-started_at")[:50]
    )


def previous_login(user: User, session_key: str) -> SessionRecord | None:
    """The login before this session, whatever became of it (S10)."""
    return (
        SessionRecord.objects.filter(user=user)
        .exclude(session_key=session_key)
        .order_by("-started_at")
        .first()
    )
