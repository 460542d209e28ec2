"""Idle and absolute limits of a session, a proper end for one that is no longer honoured, and the
administration's second factor.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from accounts.entry.limits import known_devices
from accounts.entry.models import SessionRecord
from accounts.entry.sessions import session_flows
from accounts.entry.sessions.identifiers import pass_identifier_on
from accounts.people.models import User
from mgestion.web.middleware.readonly import WriteReason, allow_writes

_SAID = {
    "idle": "Votre session s’est terminée après deux heures sans activité. "
    "Reconnectez-vous pour continuer.",
    "absolute": "Votre session a atteint sa durée maximale de dix heures. "
    "Reconnectez-vous pour continuer.",
    "revoked": "Votre session n’est plus valable\u00a0: elle a été fermée depuis un "
    "autre appareil, ou votre compte a changé.",
}
# The person did not leave: the login page that follows still knows who they are.
_BY_TIME = (session_flows.IDLE, "absolute")


class SessionLimitsMiddleware:
    """Stands right after authentication. A visitor without a session cookie costs nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            self._check(request, timezone.now())
        response = self.get_response(request)
        kept = session_flows.get_carried_over_user(request)
        if kept is not None:
            known_devices.remember_device(request, response, kept)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        # Here, not above: the messages middleware has prepared the request only now, and only now
        # is it known which page was asked for.
        ended = request.META.get("portal.session_ended")
        if ended:
            messages.warning(request, _SAID[ended])
            if request.META.get("portal.session_of"):
                pass_identifier_on(request, request.META["portal.session_of"])
        elif settings.SESSION_COOKIE_NAME in request.COOKIES:
            self._note_activity(request, timezone.now())

    def _note_activity(self, request: HttpRequest, now: datetime) -> None:
        """The idle limit starts again, unless an open page has asked by itself."""
        match, session = request.resolver_match, request.session
        if match is not None and match.view_name in settings.BEATS:
            return
        seen = session.get(session_flows.SEEN) if SESSION_KEY in session else None
        if seen is None:
            return
        if now.timestamp() - seen >= settings.SESSION_SEEN_EVERY.total_seconds():
            session[session_flows.SEEN] = int(now.timestamp())
            self._save(request, now)

    def _check(self, request: HttpRequest, now: datetime) -> None:
        session = request.session
        if SESSION_KEY not in session:
            return
        key = session.session_key
        with allow_writes(WriteReason.DEAD_SESSION_ENDED):
            # Django itself deletes a session whose password or epoch changed, GET or not.
            if not request.user.is_authenticated:
                self._end(request, key, "revoked", now)
                return
        if session_flows.STARTED not in session or session_flows.SEEN not in session:
            # Not opened by our login (a management shell, a test): its clocks start here.
            session_flows.stamp_session_start(request, now)
            self._save(request, now)
            return
        reason = session_flows.find_end_reason(request, now)
        if reason and not (
            reason == session_flows.IDLE and session_flows.is_seen_elsewhere(request, now)
        ):
            with allow_writes(WriteReason.DEAD_SESSION_ENDED):
                self._end(request, key, reason, now)

    def _save(self, request: HttpRequest, now: datetime) -> None:
        session = request.session
        with allow_writes(WriteReason.SESSION_SEEN):
            try:
                session.save()
            except UpdateError:  # logged out elsewhere since this request read it
                self._end(request, session.session_key, "revoked", now)
                return
            SessionRecord.objects.filter(session_key=session.session_key).update(seen_at=now)
        session.modified = False  # saved: the session middleware has nothing left to write

    def _end(self, request: HttpRequest, key: str | None, reason: str, now: datetime) -> None:
        if reason != session_flows.IDLE or not session_flows.lock_idle_session(request, now):
            session_flows.end_session_record(key, reason=reason, now=now)
            request.session.flush()
        if reason in _BY_TIME and isinstance(request.user, User):
            request.META["portal.session_of"] = request.user.email
        request.user = AnonymousUser()
        request.META["portal.session_ended"] = reason


class StaffSecondFactorMiddleware(MiddlewareMixin):
    """No page of the administration without a second factor, whatever led there.

    Costs no statement: a session says itself whether it was opened, or confirmed, with one.
    """

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is None or "admin" not in match.app_names:
            return None
        if match.url_name in ("login", "logout") or not settings.STAFF_SECOND_FACTOR_REQUIRED:
            return None  # the admin's login redirects to the portal's; its logout logs out
        user = request.user
        if not getattr(user, "is_staff", False) or session_flows.has_second_factor(request):
            return None
        onward = request.get_full_path() if request.method == "GET" else reverse("admin:index")
        return HttpResponseRedirect(f"{reverse('entry:factor')}?{urlencode({'next': onward})}")
