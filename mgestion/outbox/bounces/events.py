"""Events that mail providers send as JSON, and the signature without which none is read.

A table of field paths knows each provider's names. Pure functions; they never raise for what a
stranger may send.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from mgestion.outbox.bounces.reports import (
    DeliveryReport,
    Verdict,
    clean_words,
    find_status,
    fold_recipient,
    judge,
    normalise_message_id,
)

TOLERANCE: Final = timedelta(minutes=5)
MAX_EVENTS: Final = 1000  # of one call, which is refused as a whole beyond


@dataclass(frozen=True, slots=True)
class EventFormat:
    """Where a provider writes what. Paths are keys with dots between; a number is a place in a
    list. `hard` and `soft` are values of `event`, with a slash and the value of `refine` where one
    is named. Without `event`, `action` and `status` decide as in a notification.
    """

    message_id: str
    recipient: str
    event: str = ""
    refine: str = ""
    hard: frozenset[str] = frozenset()
    soft: frozenset[str] = frozenset()
    action: str = ""
    status: str = ""
    words: str = ""


FORMATS: Final[dict[str, EventFormat]] = {
    "generic": EventFormat(
        message_id="message_id",
        recipient="recipient",
        action="action",
        status="status",
        words="diagnostic",
    ),
    "brevo": EventFormat(
        message_id="message-id",
        recipient="email",
        event="event",
        hard=frozenset({"hard_bounce", "blocked", "invalid_email", "error"}),
        soft=frozenset({"soft_bounce", "deferred"}),
        words="reason",
    ),
    "mailgun": EventFormat(
        message_id="event-data.message.headers.message-id",
        recipient="event-data.recipient",
        event="event-data.event",
        refine="event-data.severity",
        hard=frozenset({"failed/permanent"}),
        soft=frozenset({"failed/temporary"}),
        status="event-data.delivery-status.enhanced-code",
        words="event-data.delivery-status.message",
    ),
    "sendgrid": EventFormat(
        message_id="smtp-id",
        recipient="email",
        event="event",
        hard=frozenset({"bounce", "dropped"}),
        soft=frozenset({"deferred"}),
        status="status",
        words="reason",
    ),
    "ses": EventFormat(
        message_id="mail.commonHeaders.messageId",
        recipient="bounce.bouncedRecipients.0.emailAddress",
        event="bounce.bounceType",
        hard=frozenset({"Permanent"}),
        soft=frozenset({"Transient", "Undetermined"}),
        status="bounce.bouncedRecipients.0.status",
        words="bounce.bouncedRecipients.0.diagnosticCode",
    ),
}


def sign_events(secret: str, stamp: str, body: bytes) -> str:
    """The value of X-Signature: HMAC-SHA256 over the time stamp, a dot and the body."""
    signed = stamp.encode("utf-8", "replace") + b"." + body
    return f"sha256={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def is_signature_valid(
    secret: str, *, stamp: str, signature: str, body: bytes, now: datetime
) -> bool:
    """`stamp`: X-Timestamp, seconds since 1970, at most TOLERANCE away from `now` (aware)."""
    if not re.fullmatch(r"[0-9]{1,11}", stamp):
        return False
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        return False
    wanted = sign_events(secret, stamp, body)
    return hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace"))


def parse_events(body: bytes) -> list[DeliveryReport] | None:
    """One event or a list of them; None for what is no such JSON. Events of a shape that no format
    knows, or that do not say which mail they are about, count as reports without a Message-ID.
    """
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None
    events = read if isinstance(read, list) else [read]
    if not all(isinstance(event, dict) for event in events):
        return None
    return [_read_event(event) for event in events]


def _read_event(event: Mapping[str, Any]) -> DeliveryReport:
    for known in FORMATS.values():
        about = normalise_message_id(_read_text(event, known.message_id))
        recipient = _read_text(event, known.recipient)
        if about and "@" in recipient:
            words = clean_words(_read_text(event, known.words))
            status = find_status(_read_text(event, known.status)) or find_status(words)
            return DeliveryReport(
                message_id=about,
                recipients=frozenset({fold_recipient(recipient)}),
                verdict=_judge_event(event, known, status),
                status=status,
                words=words,
            )
    return DeliveryReport(message_id="", recipients=frozenset(), verdict=Verdict.FINE)


def _judge_event(event: Mapping[str, Any], known: EventFormat, status: str) -> Verdict:
    if not known.event:
        return judge(_read_text(event, known.action), status)
    said = _read_text(event, known.event)
    if known.refine:
        said = f"{said}/{_read_text(event, known.refine)}"
    if said in known.hard:
        return Verdict.HARD
    return Verdict.SOFT if said in known.soft else Verdict.FINE


def _read_text(event: Mapping[str, Any], path: str) -> str:
    """The value at `path` as a short text; "" when there is none."""
    value: Any = event
    for key in path.split(".") if path else ():
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value.get(key)
        else:
            return ""
    return str(value)[:2000] if isinstance(value, str | int) else ""
