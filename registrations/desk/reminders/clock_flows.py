"""The review clock's mails: each at most once for each turn of a request; nothing is decided.

A turn begins with the request, and again when it is re-opened. The history says what was done, so
that a search for what is left to do costs as much as what is late; the mail's key forbids a second.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import DatabaseError, transaction
from django.db.models import Count, F, Q, QuerySet

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Delegation, Dga
from accounts.habilitations.staff.models import StaffMember
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.outbox.flows import queue_mail
from mgestion.text.dates import paris_date, start_of_paris_day
from registrations.desk.opinions.emails import OPINIONS_DIGEST_MAIL
from registrations.desk.opinions.models import Opinion
from registrations.requests.enums import DueState, RequestAct
from registrations.requests.mail_contents import queue_request_mail
from registrations.requests.models import Request, RequestEvent
from registrations.requests.request_guards import lock_for_agent, lock_request
from registrations.requests.request_history import write_request_event
from registrations.requests.review.review_rules import compute_due_state, get_amber_margin

_log = logging.getLogger(__name__)
REMINDER_MAIL: Final = "registrations.reminder"
LATE_MAIL: Final = "registrations.late"
DIGEST_MAIL: Final = "registrations.digest"
_DIGESTS: Final = uuid5(NAMESPACE_URL, "registrations.digest")


@dataclass(frozen=True, slots=True)
class OpenRequestCounts:
    """How the open requests of one holder stand, as a digest counts them."""

    todo: int = 0
    late: int = 0
    amber: int = 0
    asked: int = 0
    free: int = 0
    unrouted: int = 0


@transaction.atomic
def remind_delegation(request_id: UUID, *, actor_user: User, now: datetime) -> Request:
    """An agent calls the délégation's attention to a request: once a Paris day, and not while the
    applicant is waited for."""
    request = lock_for_agent(request_id, RequestAct.REMINDED, actor_user)
    if request.paused_at is not None:
        raise Refused(
            "paused",
            f"La demande {request.reference} attend une réponse de la personne\u00a0: "
            "il n’y a personne à relancer à la délégation.",
        )
    today = start_of_paris_day(paris_date(now))
    if _select_events(request, RequestAct.REMINDED).filter(at__gte=today).exists():
        raise WrongState(
            "reminded", f"La délégation a déjà été relancée aujourd’hui pour {request.reference}."
        )
    queue_request_mail(REMINDER_MAIL, request, f"jour-{paris_date(now)}", now)
    write_request_event(request, RequestAct.REMINDED, agent=actor_user, now=now)
    return request


def remind_and_escalate(now: datetime) -> dict[str, int]:
    """Remind at 24 h of running clock; at 48 h escalate, and tell the applicant that we are late.
    One that fails stops no other.
    """
    running = Request.objects.open().filter(paused_at__isnull=True)
    amber = running.filter(due_at__gt=now, due_at__lte=now + get_amber_margin())
    late = running.filter(due_at__lte=now)
    return {
        "reminded": _run_for_each(_select_not_told(amber, RequestAct.REMINDED), _remind_once, now),
        "escalated": _run_for_each(
            _select_not_told(late, RequestAct.ESCALATED), _escalate_once, now
        ),
    }


def queue_digests(now: datetime) -> dict[str, int]:
    """The morning's count by state, to each délégation that has something to do and to each
    national administrator; nothing on Saturday and Sunday (Paris)."""
    if paris_date(now).weekday() > 4:
        return {"digests": 0}
    busy = Delegation.objects.filter(pk__in=Request.objects.open().values("delegation_id"))
    count = _queue_opinion_digests(now)
    for delegation in busy.order_by("pk"):
        data = {"delegation": delegation.code}
        _queue_digest(DIGEST_MAIL, now, subject=uuid5(_DIGESTS, delegation.code), data=data)
        count += 1
    if not Request.objects.open().exists():
        return {"digests": count}
    for person in list_national_administrators():
        _queue_digest(DIGEST_MAIL, now, person=person.public_id)
        count += 1
    return {"digests": count}


def count_open_requests(delegation: Delegation | None, now: datetime) -> OpenRequestCounts:
    """One statement over what is open; None: everywhere."""
    rows = Request.objects.open()
    if delegation is not None:
        rows = rows.filter(delegation=delegation)
    running = Q(paused_at__isnull=True)
    return OpenRequestCounts(
        **rows.aggregate(
            todo=Count("pk"),
            late=Count("pk", filter=running & Q(due_at__lte=now)),
            amber=Count(
                "pk", filter=running & Q(due_at__gt=now, due_at__lte=now + get_amber_margin())
            ),
            asked=Count("pk", filter=~running),
            free=Count("pk", filter=Q(assignee__isnull=True)),
            unrouted=Count("pk", filter=Q(delegation__isnull=True)),
        )
    )


def list_national_administrators() -> list[User]:
    members = StaffMember.objects.filter(role=StaffRole.NATIONAL).values("user_id")
    people = User.objects.filter(pk__in=members, is_staff=True, status=Status.ACTIVE)
    return list(people.order_by("pk"))


def _select_not_told(rows: QuerySet[Request], act: RequestAct) -> QuerySet[Request]:
    """Requests without an event of `act` by the portal in their present turn."""
    told = Count("events", filter=Q(events__act=act, events__actor__isnull=True))
    turns = Count("events", filter=Q(events__act=RequestAct.REOPENED))
    return rows.annotate(told=told, turns=turns).filter(told__lte=F("turns"))


def _run_for_each(
    rows: QuerySet[Request], verb: Callable[[UUID, datetime], bool], now: datetime
) -> int:
    done = 0
    for key in list(rows.order_by("due_at", "pk").values_list("pk", flat=True)):
        try:
            done += verb(key, now)
        except (Refused, DatabaseError):
            # The next tick tries again: the history says that it is not done.
            _log.exception("the clock could not tell of request %s", key)
    return done


def _queue_opinion_digests(now: datetime) -> int:
    """To each DGA whose opinion is awaited."""
    asked = Dga.objects.filter(pk__in=Opinion.objects.open().values("dga_id"))
    for dga in asked.order_by("pk"):
        subject = uuid5(_DIGESTS, f"opinions {dga.code}")
        _queue_digest(OPINIONS_DIGEST_MAIL, now, subject=subject, data={"dga": dga.code})
    return len(asked)


@transaction.atomic
def _queue_digest(kind: str, now: datetime, **to: Any) -> None:
    queue_mail(kind, cycle=str(paris_date(now)), now=now, **to)


@transaction.atomic
def _remind_once(request_id: UUID, now: datetime) -> bool:
    request = lock_request(request_id)
    if compute_due_state(request, now) != DueState.AMBER or _is_told(request, RequestAct.REMINDED):
        return False
    queue_request_mail(REMINDER_MAIL, request, f"24h-{_count_turns(request)}", now)
    write_request_event(request, RequestAct.REMINDED, now=now)
    return True


@transaction.atomic
def _escalate_once(request_id: UUID, now: datetime) -> bool:
    request = lock_request(request_id)
    if compute_due_state(request, now) != DueState.OVERDUE or _is_told(
        request, RequestAct.ESCALATED
    ):
        return False
    turn = _count_turns(request)
    queue_request_mail(LATE_MAIL, request, f"48h-{turn}", now)
    people: list[UUID | None] = [person.public_id for person in list_national_administrators()]
    for public_id in people or [None]:
        queue_mail(
            "registrations.overdue",
            subject=request.pk,
            cycle=f"48h-{turn}-{public_id.hex if public_id else 'contact'}",
            person=public_id,
            now=now,
        )
    write_request_event(request, RequestAct.ESCALATED, now=now)
    return True


def _select_events(request: Request, act: RequestAct) -> QuerySet[RequestEvent]:
    return RequestEvent.objects.filter(request=request, act=act)


def _count_turns(request: Request) -> int:
    return _select_events(request, RequestAct.REOPENED).count()


def _is_told(request: Request, act: RequestAct) -> bool:
    return _select_events(request, act).filter(actor__isnull=True).count() > _count_turns(request)
