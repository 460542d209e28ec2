"""The pause of the 48 hours while a document is awaited (D10)."""

from datetime import datetime

from registrations.requests.document_models import Asking
from registrations.requests.models import Request


def pause_clock(request: Request, now: datetime) -> None:
    """Stop the clock, unsaved."""
    request.paused_at = now


def resume_clock(request: Request, now: datetime) -> None:
    """Let the clock run again, unsaved: the due time moves by the pause, to the second."""
    if request.paused_at is not None:
        request.due_at += max(now, request.paused_at) - request.paused_at
        request.paused_at = None


def stop_awaiting_documents(request: Request, now: datetime) -> None:
    """The request ends: nothing is awaited any more. The request itself is left unsaved."""
    resume_clock(request, now)
    Asking.objects.open().filter(request=request).update(closed_at=now)
