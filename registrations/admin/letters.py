"""The decision's letter, as it will be sent: the desk shows it before, and names it after."""

from datetime import datetime

from mgestion.outbox.messages import Message
from registrations.models import RefusalReason, Request


def refused_preview(item: Request, *, reason: RefusalReason, text: str, now: datetime) -> Message:
    raise NotImplementedError


def of_decision(item: Request, *, now: datetime) -> Message | None:
    return None
