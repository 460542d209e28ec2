"""The 48-hour review clock: due states as filters and labels, pauses while a document is
awaited. A page reads the time once, so that a row, its filter and its counter agree.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from registrations.requests.document_models import Asking
from registrations.requests.enums import OPEN_STATUSES, DueState, RequestStatus
from registrations.requests.models import Request
from registrations.requests.review.review_rules import compute_due_state, get_amber_margin

OPEN: Final = Q(status__in=OPEN_STATUSES)
_KEPT: Final = "_desk_now"

# CSS class of each state; the state is also written in words.
TONES: Final = {
    DueState.ON_TIME: "due-ok",
    DueState.AMBER: "due-amber",
    DueState.OVERDUE: "due-late",
    DueState.PAUSED: "due-paused",
}

# CSS class of each status; the status is also written in words.
STATUS_TONES: Final = {
    RequestStatus.SUBMITTED: "is-wait",
    RequestStatus.AWAITING_DOCUMENT: "is-warn",
    RequestStatus.APPROVED: "is-ok",
    RequestStatus.REFUSED: "is-stop",
    RequestStatus.CANCELLED: "is-neutral",
}


def get_page_time(request: HttpRequest) -> datetime:
    """The time (aware, UTC) that the whole page uses; kept on the HTTP request."""
    found: datetime = request.__dict__.setdefault(_KEPT, timezone.now())
    return found


def filter_by_due_state(state: str, now: datetime) -> Q:
    """`compute_due_state` as a queryset condition."""
    amber_from = now + get_amber_margin()
    running = OPEN & Q(paused_at__isnull=True)
    return {
        DueState.ON_TIME: running & Q(due_at__gt=amber_from),
        DueState.AMBER: running & Q(due_at__gt=now, due_at__lte=amber_from),
        DueState.OVERDUE: running & Q(due_at__lte=now),
        DueState.PAUSED: OPEN & Q(paused_at__isnull=False),
    }[DueState(state)]


@dataclass(frozen=True, slots=True)
class DueLabel:
    """The due column of a row: the state in words, its CSS class, the time left or past."""

    words: str
    tone: str
    span: str


def describe_due_time(request: Request, now: datetime) -> DueLabel | None:
    state = compute_due_state(request, now)
    if state is None:
        return None
    if state == DueState.PAUSED:
        span = "le délai ne court pas"
    elif state == DueState.OVERDUE:
        span = f"dépassée de {_format_duration(now - request.due_at)}"
    else:
        span = f"reste {_format_duration(request.due_at - now)}"
    return DueLabel(words=str(state.label), tone=TONES[state], span=span)


def _format_duration(delta: timedelta) -> str:
    minutes = int(delta.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 1)}\u00a0min"
    hours = minutes // 60
    if hours < 72:
        return f"{hours}\u00a0h"
    return f"{hours // 24}\u00a0jours"


def pause_clock(request: Request, now: datetime) -> None:
    """Stop the clock; the caller saves."""
    request.paused_at = now


def resume_clock(request: Request, now: datetime) -> None:
    """Restart the clock and move `due_at` by the length of the pause; the caller saves."""
    if request.paused_at is not None:
        request.due_at += max(now, request.paused_at) - request.paused_at
        request.paused_at = None


def stop_awaiting_documents(request: Request, now: datetime) -> None:
    """Restart the clock and close the open askings of a request that ends; the caller saves it."""
    resume_clock(request, now)
    Asking.objects.open().filter(request=request).update(closed_at=now)
