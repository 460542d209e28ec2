"""One message to one server, and what its answer means. No database here."""

import smtplib
from dataclasses import dataclass
from enum import Enum

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from mgestion.outbox.rendering import Message
from mgestion.text.domains import to_deliverable_address

# 421: « service not available, closing channel » can come at any step, and is about the server.
_CLOSING = 421


class Outcome(Enum):
    ACCEPTED = "accepted"
    REFUSED = "refused"  # the server spoke about this recipient or this message: the 24 h run
    UNREACHABLE = "unreachable"  # nothing was said about this mail: nothing ages, the run stops
    BROKEN = "broken"  # this mail can't be written down (a bad address, a line end in a header)


@dataclass(frozen=True, slots=True)
class Answer:
    """`temporary`: a refusal by a 4xx code, which the server asks to try again for days."""

    outcome: Outcome
    words: str = ""
    temporary: bool = False


def envelope(message: Message, message_id: str) -> EmailMultiAlternatives:
    """Both parts in UTF-8, French; headers that tell machines not to answer (S58)."""
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[to_deliverable_address(message.to)],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={
            "Message-ID": message_id,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Content-Language": "fr",
        },
    )
    mail.attach_alternative(message.html, "text/html")
    return mail


def open_connection(connection: BaseEmailBackend) -> Answer | None:
    """Opens the connection that the whole batch uses; an answer means that it can't be."""
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as trouble:
        return Answer(Outcome.UNREACHABLE, describe(trouble))
    return None


def send(connection: BaseEmailBackend, message: Message, message_id: str) -> Answer:
    """Never raises for what a server or a message can do."""
    try:
        connection.send_messages([envelope(message, message_id)])
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        text = _words(code, words)
        if code == _CLOSING:
            return Answer(Outcome.UNREACHABLE, text)
        return Answer(Outcome.REFUSED, text, _is_temporary(code))
    except smtplib.SMTPDataError as refusal:
        text = _words(refusal.smtp_code, refusal.smtp_error)
        if refusal.smtp_code == _CLOSING:
            return Answer(Outcome.UNREACHABLE, text)
        return Answer(Outcome.REFUSED, text, _is_temporary(refusal.smtp_code))
    except (smtplib.SMTPException, OSError) as trouble:
        # Sender refused, credentials refused, cut, silent: the same would meet every mail.
        return Answer(Outcome.UNREACHABLE, describe(trouble))
    except (ValueError, UnicodeError, AttributeError, TypeError) as trouble:
        return Answer(Outcome.BROKEN, describe(trouble))
    return Answer(Outcome.ACCEPTED)


def _is_temporary(code: int) -> bool:
    return 400 <= code < 500


def describe(trouble: BaseException) -> str:
    if isinstance(trouble, smtplib.SMTPResponseException):
        return _words(trouble.smtp_code, trouble.smtp_error)
    return f"{type(trouble).__name__}: {trouble}"


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {text}"
