"""Sessions: opened by a completed login, limited in time, ended for good.

The session's own data hold its two dates, so that checking them costs no statement; the record is
for people (list, last login) and for single sign-on.
"""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout as django_logout
from django.contrib.auth import update_session_auth_hash
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import DateTimeField, F, Q, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from accounts.entry.models import SessionRecord
from accounts.people.models import User
from mgestion import slots
from mgestion.web.middleware.client_ip import client_ip

IDLE = "idle"  # the end of a session that nobody used for SESSION_IDLE
STARTED = "started_at"
SEEN = "seen_at"
PROVEN = "proven_at"  # the password was given
CONFIRMED = "confirmed_at"  # it was given again, in a session that was open already
FACTOR = "second_factor_at"  # and a second factor too

_OPEN_OR_IDLE: Final = Q(ended_at__isnull=True) | Q(end_reason=IDLE)


def stamp_session_start(request: HttpRequest, now: datetime) -> None:
    """Both clocks of the session start at `now`."""
    request.session[STARTED] = request.session[SEEN] = int(now.timestamp())


def keep_session_briefly(request: HttpRequest) -> None:
    """On the way in: a session that no row of a login leads to is not kept longer than a login may
    wait. One that is open already keeps its own limits.
    """
    if not request.user.is_authenticated:
        request.session.set_expiry(settings.ACCOUNT_LOGIN_TIMEOUT)


def open_session_record(
    request: HttpRequest, user: User, *, new_device: bool, now: datetime
) -> SessionRecord:
    """The row of a login that is complete; the session has its new id already."""
    stamp_session_start(request, now)
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


def stamp_proof(request: HttpRequest, now: datetime, *, factor: bool, again: bool = False) -> None:
    """The person has just given a password, and a second factor if `factor`. `again`: not to log in
    but afterwards, which a stolen session cannot.
    """
    request.session[PROVEN] = int(now.timestamp())
    if again:
        request.session[CONFIRMED] = int(now.timestamp())
    if factor:
        request.session[FACTOR] = int(now.timestamp())


_USED = "_second_factor_used"
_COMPLETED = "_login_completed"
_KEPT = "_known_browser_kept"


def note_factor_used(request: HttpRequest, used: str) -> None:
    """This login, about to be complete, was made with a second factor. Kept on the request: the
    session gets a new id, or is emptied, on the way.
    """
    setattr(request, _USED, used)


def get_factor_used(request: HttpRequest) -> str:
    """What `note_factor_used` noted: "application", "recovery", "passkey", or ""."""
    return str(getattr(request, _USED, ""))


def note_login_completed(request: HttpRequest) -> None:
    """Every stage of a login is passed, in this very request."""
    setattr(request, _COMPLETED, True)


def is_login_completed(request: HttpRequest) -> bool:
    """Whether this request completed a login: a person logged in before says nothing about it."""
    return bool(getattr(request, _COMPLETED, False))


def get_carried_over_user(request: HttpRequest) -> User | None:
    """Whose session this request carried over into another epoch, if it did."""
    return getattr(request, _KEPT, None)


def forget_factor(request: HttpRequest) -> None:
    """The factor that this session was confirmed with is gone."""
    request.session.pop(FACTOR, None)


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this session was opened, or confirmed later, with a second factor."""
    return FACTOR in request.session


def is_recently_proven(request: HttpRequest, now: datetime) -> bool:
    """Whether the person showed a password a few minutes ago, to log in or since: a borrowed screen
    is not enough for what follows.
    """
    return _is_recent(request.session.get(PROVEN), now)


def is_recently_confirmed(request: HttpRequest, now: datetime) -> bool:
    """Whether she showed it again a few minutes ago: neither is a session stolen right after its
    login, for what protects the account.
    """
    return _is_recent(request.session.get(CONFIRMED), now)


def _is_recent(stamp: int | None, now: datetime) -> bool:
    return stamp is not None and now.timestamp() - stamp < settings.RECENT_PROOF.total_seconds()


def end_session_record(session_key: str | None, *, reason: str, now: datetime) -> None:
    """Close the row of one session, once. An idle end gives way to another one: platforms that
    were not told of it are told of that.
    """
    if session_key:
        rows = SessionRecord.objects.filter(_OPEN_OR_IDLE, session_key=session_key)
        rows.update(ended_at=Coalesce("ended_at", Value(now, DateTimeField())), end_reason=reason)


def find_standing_record(
    session_key: str | None, user: User, now: datetime
) -> SessionRecord | None:
    """The record of a session that is open, or was until it was idle, when it is this person's and
    neither its epoch nor its absolute limit is over.
    """
    if not session_key:
        return None
    rows = SessionRecord.objects.filter(_OPEN_OR_IDLE, session_key=session_key)
    rows = rows.filter(user=user, epoch=user.session_epoch)
    return rows.filter(started_at__gt=now - settings.SESSION_ABSOLUTE).first()


def is_seen_elsewhere(request: HttpRequest, now: datetime) -> bool:
    """Whether work on a platform has kept this session from being idle (the record says so)."""
    return (
        SessionRecord.objects.open()
        .filter(
            session_key=request.session.session_key or "", seen_at__gt=now - settings.SESSION_IDLE
        )
        .exists()
    )


def lock_idle_session(request: HttpRequest, now: datetime) -> bool:
    """Nobody is logged in any more, but the browser keeps its session when platforms are open: the
    login that follows in it finds them. False when there is nothing to keep.
    """
    key = request.session.session_key or ""
    if not any(holds(key) for holds in slots.session_holdings.values()):
        return False
    request.session.clear()
    try:
        request.session.save()
    except UpdateError:
        return False
    request.session.modified = False  # saved: the session middleware has nothing left to write
    end_session_record(key, reason=IDLE, now=now)
    return True


def find_end_reason(request: HttpRequest, now: datetime) -> str:
    """Why the session of this request may not go on: "idle", "absolute", or "" (2 h and 10 h)."""
    started = datetime.fromtimestamp(request.session[STARTED], tz=UTC)
    seen = datetime.fromtimestamp(request.session[SEEN], tz=UTC)
    if now - started >= settings.SESSION_ABSOLUTE:
        return "absolute"
    return IDLE if now - seen >= settings.SESSION_IDLE else ""


def log_out(request: HttpRequest, *, reason: str, now: datetime) -> None:
    """End this session on the server; the cookie goes with it."""
    end_session_record(request.session.session_key, reason=reason, now=now)
    django_logout(request)


@transaction.atomic
def end_all_sessions(user: User, *, reason: str, now: datetime, keep: str = "") -> int:
    """End every session of a person but `keep`: one increment ends them all, the rows follow.

    Returns how many were open.
    """
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    open_records = SessionRecord.objects.open().filter(user=user).exclude(session_key=keep)
    keys = list(open_records.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return open_records.update(ended_at=now, end_reason=reason)


@transaction.atomic
def end_one_session(user: User, record_id: UUID, *, reason: str, now: datetime) -> bool:
    """End one session of this person. False when it is not theirs, or over already."""
    record = (
        SessionRecord.objects.open()
        .filter(pk=record_id, user=user, epoch=user.session_epoch)
        .first()
    )
    if record is None:
        return False
    Session.objects.filter(session_key=record.session_key).delete()
    end_session_record(record.session_key, reason=reason, now=now)
    return True


def carry_session_over(request: HttpRequest, user: User) -> None:
    """After `end_all(keep=…)`: this session goes on, under a new id and in the new epoch, and this
    browser stays a known one (`SessionLimitsMiddleware` writes the cookie).
    """
    key = request.session.session_key or ""
    user.refresh_from_db()
    setattr(request, _KEPT, user)
    update_session_auth_hash(request, user)
    SessionRecord.objects.open().filter(session_key=key).update(
        session_key=request.session.session_key or "", epoch=user.session_epoch
    )


def list_open_sessions(user: User, now: datetime) -> list[SessionRecord]:
    """The sessions that still work, newest first: open, of this epoch, within both limits."""
    return list(
        SessionRecord.objects.open()
        .filter(
            user=user,
            epoch=user.session_epoch,
            started_at__gt=now - settings.SESSION_ABSOLUTE,
            seen_at__gt=now - settings.SESSION_IDLE,
        )
        .order_by("-started_at")[:50]
    )


def list_past_logins(user: User, session_key: str, *, most: int = 10) -> list[SessionRecord]:
    """The last logins but this session's, newest first."""
    records = SessionRecord.objects.filter(user=user).exclude(session_key=session_key)
    return list(records.order_by("-started_at")[:most])
