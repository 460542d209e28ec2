"""Single logout: what ended is found by a sweep, and what one platform is told.

`logout_delivery` decides when which platform is told.

Nobody has to remember to call it: whatever ends a session (the person, an idle time, a password, a
status, a deletion) or an access to a platform leaves facts that the sweep reads.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit
from xml.sax.saxutils import escape

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse

from accounts.cas.models import LogoutDelivery, LogoutStatus, Ticket
from accounts.cas.tickets import proxying
from accounts.entry.sessions.session_flows import IDLE
from accounts.habilitations.accesses.models import Access, AccessChange
from accounts.habilitations.enums import ChangeKind
from accounts.people.enums import Status
from mgestion import http_client
from mgestion.web.logging.log_lines import one_line

BATCH: Final = 500
# From a proxy ticket to the granting tickets that it rests on, the nearest first.
_LINKS: Final = ["__".join(["granting", *["parent"] * n]) for n in range(proxying.LONGEST)]

# What phpCAS says, with a status 200, to a caller that its settings do not allow.
_REFUSED: Final = "Unauthorized logout request"

_BODY: Final = (
    '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="{id}" '
    'Version="2.0" IssueInstant="{instant}">'
    '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">@NOT_USED@</saml:NameID>'
    "<samlp:SessionIndex>{index}</samlp:SessionIndex></samlp:LogoutRequest>"
)


def build_logout_body(session_index: str, *, request_id: str, now: datetime) -> str:
    """The request as every client reads it (O9–O12): no XML declaration, no line break,
    `samlp:`.
    """
    instant = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _BODY.format(id=request_id, instant=instant, index=escape(session_index))


# --- what ended ----------------------------------------------------------------------------------


def _build_reason(now: datetime) -> Case:
    """Why the platform of a ticket must be told, "" while the session and the access stand.

    The end of any access there counts, though others may remain: the platform was told of all of
    them with the ticket, and would go on with the one that ended. The person enters again with what
    remains. So does a role that changed. A session that is idle here may be busy there: only a
    platform that wants it is told before the absolute limit.
    """
    shut_before = [  # a proxy ticket rests on the access to each platform that asked for it
        Q(_is_access_shut(f"{link}__platform"), **{f"{link}__isnull": False}) for link in _LINKS
    ]
    session_row = Session.objects.filter(session_key=OuterRef("session__session_key"))
    idle = Q(session__seen_at__lte=now - settings.SESSION_IDLE) | Q(session__end_reason=IDLE)
    ended = Q(session__ended_at__isnull=False) & ~Q(session__end_reason=IDLE)
    return Case(
        When(~Q(user__status=Status.ACTIVE), then=F("user__status")),
        When(ended, then=F("session__end_reason")),
        When(~Q(session__epoch=F("user__session_epoch")), then=Value("epoch")),
        When(session__started_at__lte=now - settings.SESSION_ABSOLUTE, then=Value("absolute")),
        When(idle, platform__idle_logout=True, then=Value(IDLE)),
        When(~Exists(session_row), session__ended_at__isnull=True, then=Value("gone")),
        When(_is_access_shut("platform"), then=Value("access")),
        *(When(shut, then=Value("access")) for shut in shut_before),
        When(_is_role_stale(), then=Value("role")),
        default=Value(""),
        output_field=CharField(),
    )


def _is_access_shut(platform: str) -> Q:
    """Whether a ticket's person has no access left to the platform that its field `platform` names,
    or lost one since the ticket was issued.
    """
    there = Access.objects.filter(user=OuterRef("user"), platform=OuterRef(platform))
    return Q(~Exists(there.open())) | Q(Exists(there.filter(ended_at__gte=OuterRef("issued_at"))))


def _is_role_stale() -> Q:
    """Whether a role of a ticket's person on its platform, lower or higher, has changed since: what
    the platform was told with the ticket is not true any more.
    """
    changes = AccessChange.objects.exclude(siret="").filter(
        kind=ChangeKind.CHANGED,
        person=OuterRef("user__public_id"),
        platform=OuterRef("platform"),
        at__gte=OuterRef("issued_at"),
    )
    return Q(Exists(changes))


def _select_ended_tickets(now: datetime) -> QuerySet[Ticket]:
    return Ticket.objects.exclude(clear="").annotate(reason=_build_reason(now)).exclude(reason="")


def queue_ended_sessions(now: datetime) -> int:
    """Queues a logout for each validated ticket whose session or access ended. Returns how many
    were queued.
    """
    ended = _select_ended_tickets(now)
    if not ended.exists():  # read before: a transaction on SQLite keeps other writers waiting
        return 0
    queued = batch = _queue_logouts(ended.order_by("pk")[:BATCH], now)
    while batch == BATCH:
        batch = _queue_logouts(ended.order_by("pk")[:BATCH], now)
        queued += batch
    return queued


def queue_people_sessions(user_ids: Iterable[int], now: datetime) -> int:
    """The same at once for people who are about to be erased, whatever their sessions say."""
    rows = Ticket.objects.exclude(clear="").filter(user_id__in=list(user_ids))
    return _queue_logouts(rows.annotate(reason=Value("erased", output_field=CharField())), now)


@transaction.atomic
def _queue_logouts(found: QuerySet[Ticket], now: datetime) -> int:
    """Tickets lose their clear value to the deliveries, in one transaction: told once each."""
    if connection.features.has_select_for_update_skip_locked:
        found = found.select_for_update(of=("self",), skip_locked=True)
    rows = list(found.select_related("platform"))
    LogoutDelivery.objects.bulk_create(
        [
            LogoutDelivery(
                platform=row.platform,
                url=row.platform.slo_url or row.service,
                session_index=row.clear,
                tail=row.tail,
                reason=row.reason[:20],  # type: ignore[attr-defined]  # annotated
                next_at=now,
                queued_at=now,
            )
            for row in rows
            if row.platform.single_logout
        ]
    )
    Ticket.objects.filter(pk__in=[row.pk for row in rows]).update(clear="")
    return len(rows)


# --- telling -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogoutResult:
    """How one call to a platform went. `stalled`: it gave no answer within its time."""

    received: bool
    answer: str
    final: bool = False  # trying again would change nothing
    stalled: bool = False


NO_ANSWER: Final = LogoutResult(False, "aucune réponse dans le délai", stalled=True)


def send_logout(url: str, session_index: str, now: datetime) -> LogoutResult:
    """One POST to a platform. Never raises for what the platform or the network does (O13)."""
    request_id = f"LR-{secrets.token_hex(16)}"
    form = urlencode(
        {"logoutRequest": build_logout_body(session_index, request_id=request_id, now=now)}
    )
    try:
        answer = _post_logout(url, form)
        onward = urljoin(url, answer.location) if answer.location else ""
        home = not onward or _is_same_origin(url, onward)
        if answer.status in (307, 308) and onward and home:
            answer = _post_logout(onward, form)
            onward = urljoin(onward, answer.location) if answer.location else ""
            home = not onward or _is_same_origin(url, onward)
    except http_client.Trouble as trouble:
        if isinstance(trouble, TimeoutError):
            return NO_ANSWER
        return LogoutResult(False, one_line(f"{type(trouble).__name__}: {trouble}")[:120])
    status = answer.status
    if 200 <= status < 300:
        if _REFUSED in answer.beginning:
            return LogoutResult(False, f"HTTP {status}, refusée\u00a0: {_REFUSED}", final=True)
        return LogoutResult(True, f"HTTP {status}")
    if 300 <= status < 400:
        if status in (301, 302, 303) and _is_our_login(onward):
            return LogoutResult(True, f"HTTP {status}, vers notre page de connexion")
        # django-cas-ng ends the session, then redirects to its own home: that is an answer. Another
        # host is never told: the ticket is this platform's.
        received = home and status in (301, 302, 303)
        return LogoutResult(received, f"HTTP {status}, redirection non suivie", final=True)
    return LogoutResult(False, f"HTTP {status}")


def _post_logout(url: str, form: str) -> http_client.HttpAnswer:
    # Wherever the registry says: a platform may well live on the inner network.
    return http_client.send_request(
        url, form=form, timeout=settings.CAS_LOGOUT_TIMEOUT, public_only=False
    )


def _is_our_login(url: str) -> bool:
    """mod_auth_cas drops its session, then asks whoever posted to log in: it has heard."""
    parts, ours = urlsplit(url), urlsplit(settings.PUBLIC_URL)
    at_home = (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc)
    return at_home and parts.path == reverse("cas:login")


def _is_same_origin(one: str, other: str) -> bool:
    first, second = urlsplit(one), urlsplit(other)
    return (first.scheme, first.netloc) == (second.scheme, second.netloc)


# --- upkeep --------------------------------------------------------------------------------------


def purge_logout_log(now: datetime) -> dict[str, int]:
    """Forgets the log of logouts after CAS_LOGOUT_LOG_LIFE."""
    old = LogoutDelivery.objects.filter(queued_at__lt=now - settings.CAS_LOGOUT_LOG_LIFE)
    return {"logouts": old.exclude(status=LogoutStatus.QUEUED).delete()[0]}
