"""The desk's clock: read once a page, so that a row, its filter and its counter agree (D10)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from registrations.requests.enums import OPEN_STATUSES, DueState
from registrations.requests.models import Request
from registrations.requests.review_rules import compute_due_state, get_amber_margin

OPEN: Final = Q(status__in=OPEN_STATUSES)
_KEPT: Final = "_desk_now"

# How the skin draws a state; the words are always written beside it.
TONES: Final = {
    DueState.ON_TIME: "due-ok",
    DueState.AMBER: "due-amber",
    DueState.OVERDUE: "due-late",
    DueState.PAUSED: "due-paused",
}


def get_page_time(request: HttpRequest) -> datetime:
    """The moment of this page (aware, UTC), the same for all that it shows."""
    found: datetime = request.__dict__.setdefault(_KEPT, timezone.now())
    return found


def filter_by_due_state(state: str, now: datetime) -> Q:
    """The rule of `due_state`, as a filter."""
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
    """What the due column says: the state in words, and how long is left or past."""

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
