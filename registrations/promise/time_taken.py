"""How long a decision took, in words, by the rule of the 48 hours' clock. Pure."""

from datetime import datetime, timedelta

from django.conf import settings

from mgestion.text.french import format_hours
from registrations.requests.enums import RequestOrigin
from registrations.requests.models import Request


def compute_time_taken(decided_at: datetime, due_at: datetime) -> timedelta:
    """The running time until the decision: the due time is the start plus 48 h and the pauses."""
    allowed: timedelta = settings.REVIEW_DUE
    return max(decided_at - (due_at - allowed), timedelta(0))


def describe_time_taken(request: Request, *, reopened: bool) -> str:
    """« Étudiée en 23 h, sans compter le temps où un document était attendu de vous. », or "" when
    nothing was decided. `reopened`: the clock began anew.
    """
    if request.decided_at is None or request.origin == RequestOrigin.STAFF:
        return ""
    taken = compute_time_taken(request.decided_at, request.due_at)
    words = f"Étudiée en {format_hours(int(taken.total_seconds() // 3600))}"
    if reopened:
        words += " après sa réouverture"
    elif request.due_at - settings.REVIEW_DUE > request.submitted_at:
        words += ", sans compter le temps où un document était attendu de vous"
    if request.decided_at > request.due_at:
        allowed = format_hours(int(settings.REVIEW_DUE.total_seconds() // 3600))
        words += f". C’est plus que les {allowed} annoncées\u00a0: veuillez nous en excuser"
    return f"{words}."
