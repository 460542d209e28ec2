"""Reads what servers tell about a mail that they accepted first: delivery status notifications
(RFC 3464) and events of mail providers. Pure functions of bytes; they never raise for what a
stranger may send.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from enum import Enum
from typing import Final

from mgestion.text.domains import to_ascii

MAX_PARTS: Final = 50  # of a message that holds messages that hold messages
MAX_REPORTS: Final = 20  # recipients of one notification; the portal writes to one at a time
# Printable ASCII, as ours are: no text that a database would refuse.
_MESSAGE_ID: Final = re.compile(r"<?\s*([!-;=?A-~]{1,100}@[!-;=?A-~]{1,100})\s*>?")
_STATUS: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS: Final = re.compile(r"[^\s<>;,\"]{1,64}@[^\s<>;,\"@]{1,255}")


class Verdict(Enum):
    """What a report says about the mail."""

    HARD = "hard"  # it will not be delivered
    SOFT = "soft"  # it is late, and is still tried
    FINE = "fine"  # it was delivered, or handed on


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """`recipients`: every address that the report names for this mail, folded. `status`: like
    5.1.1, or empty.
    """

    message_id: str
    recipients: frozenset[str]
    verdict: Verdict
    status: str = ""
    words: str = ""


def parse_notification(raw: bytes) -> list[DeliveryReport]:
    """The reports of one message, one a recipient; none when it is no notification (an automatic
    answer, a letter) or does not say which mail it is about. `raw` may be cut at its end.
    """
    try:
        return _read_message(message_from_bytes(raw, policy=policy.compat32))
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return []  # what Python's parser itself stumbles over


def fold_recipient(address: str) -> str:
    """An address to compare: lower case, its domain as A-labels."""
    local, _, domain = address.strip().strip("<>").rpartition("@")
    return f"{local}@{to_ascii(domain)}".lower()


def normalise_message_id(text: str) -> str:
    """« <id@host> », whatever surrounds it; "" when there is none."""
    found = _MESSAGE_ID.search(text)
    return f"<{found[1]}>" if found else ""


def find_status(text: str) -> str:
    """The first enhanced status code (RFC 3463) in `text`, or ""."""
    found = _STATUS.search(text)
    return ".".join(found.groups()) if found else ""


def clean_words(text: str) -> str:
    """On one line, short, without halves of characters that cannot be stored."""
    return " ".join(text.encode("utf-8", "replace").decode().split())[:200]


def judge(action: str, status: str) -> Verdict:
    """`failed` is final whatever its class: after days of 4.4.7 the relay gives up as well. Without
    an action the class decides.
    """
    action = action.strip().lower()
    if action == "failed" or not action and status.startswith("5"):
        return Verdict.HARD
    if action == "delayed" or not action and status.startswith("4"):
        return Verdict.SOFT
    return Verdict.FINE


def _read_message(message: Message) -> list[DeliveryReport]:
    parts = list(_walk(message))
    status_part = next(
        (part for part in parts if part.get_content_type() == "message/delivery-status"), None
    )
    if status_part is None:
        return []
    about = _find_original_id(message, parts)
    blocks = status_part.get_payload()
    if not about or not isinstance(blocks, list):
        return []
    found = [
        _read_block(block, about)
        for block in blocks[: MAX_REPORTS + 1]
        if isinstance(block, Message) and _names_recipient(block)
    ]
    return found[:MAX_REPORTS]


def _walk(message: Message) -> Iterator[Message]:
    """The first parts, in order, without the inside of the mail that came back."""
    waiting, seen = [message], 0
    while waiting and seen < MAX_PARTS:
        part = waiting.pop(0)
        seen += 1
        yield part
        inside = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inside, list):
            waiting[:0] = [each for each in inside if isinstance(each, Message)]


def _find_original_id(message: Message, parts: list[Message]) -> str:
    """The Message-ID of the mail that came back: in its own header, or in the thread's."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inside = part.get_payload()
            if isinstance(inside, list) and inside and isinstance(inside[0], Message):
                found = normalise_message_id(_header(inside[0], "Message-ID"))
                if found:
                    return found
        elif kind == "text/rfc822-headers":
            body = part.get_payload(decode=True)
            headers = message_from_bytes(body if isinstance(body, bytes) else b"")
            found = normalise_message_id(_header(headers, "Message-ID"))
            if found:
                return found
    return normalise_message_id(_header(message, "In-Reply-To")) or normalise_message_id(
        _header(message, "References")
    )


def _names_recipient(block: Message) -> bool:
    return bool(_header(block, "Final-Recipient") or _header(block, "Original-Recipient"))


def _read_block(block: Message, about: str) -> DeliveryReport:
    status = find_status(_header(block, "Status"))
    words = _header(block, "Diagnostic-Code") or _header(block, "Status")
    named = f"{_header(block, 'Final-Recipient')} {_header(block, 'Original-Recipient')}"
    return DeliveryReport(
        message_id=about,
        recipients=frozenset(fold_recipient(one) for one in _ADDRESS.findall(named)),
        verdict=judge(_header(block, "Action"), status),
        status=status,
        words=clean_words(words),
    )


def _header(message: Message, name: str) -> str:
    """As text: a header with bytes outside ASCII is an object of its own."""
    return str(message.get(name, ""))[:2000]
