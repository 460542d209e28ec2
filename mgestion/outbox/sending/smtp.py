"""One message to one server, and what its answer means. No database here."""

import smtplib
from dataclasses import dataclass
from enum import Enum

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from mgestion.outbox.catalogue.rendering import Message
from mgestion.text.domains import to_deliverable_address

# 421: « service not available, closing channel » can come at any step, and is about the server.
_CLOSING = 421


class SendOutcome(Enum):
    ACCEPTED = "accepted"
    REFUSED = "refused"  # the server spoke about this recipient or this message: the 24 h run
    UNREACHABLE = "unreachable"  # nothing was said about this mail: nothing ages, the run stops
    BROKEN = "broken"  # this mail can't be written down (a bad address, a line end in a header)


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """`temporary`: a refusal by a 4xx code, which the server asks to try again for days."""

    outcome: SendOutcome
    words: str = ""
    temporary: bool = False


def build_envelope(message: Message, message_id: str) -> EmailMultiAlternatives:
    """Both parts in UTF-8, French; headers that tell machines not to answer."""
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        # The envelope's sender; people see the header.
        from_email=settings.BOUNCE_ADDRESS or settings.DEFAULT_FROM_EMAIL,
        to=[to_deliverable_address(message.to)],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={
            "From": settings.DEFAULT_FROM_EMAIL,
            "Message-ID": message_id,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Content-Language": "fr",
        },
    )
    mail.attach_alternative(message.html, "text/html")
    return mail


def open_connection(connection: BaseEmailBackend) -> ServerAnswer | None:
    """Opens the connection that the whole batch uses; an answer means that it can't be."""
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as trouble:
        return ServerAnswer(SendOutcome.UNREACHABLE, describe_error(trouble))
    return None


def send_message(connection: BaseEmailBackend, message: Message, message_id: str) -> ServerAnswer:
    """Never raises for what a server or a message can do."""
    try:
        connection.send_messages([build_envelope(message, message_id)])
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        text = _join_code_and_words(code, words)
        if code == _CLOSING:
            return ServerAnswer(SendOutcome.UNREACHABLE, text)
        return ServerAnswer(SendOutcome.REFUSED, text, _is_temporary(code))
    except smtplib.SMTPDataError as refusal:
        text = _join_code_and_words(refusal.smtp_code, refusal.smtp_error)
        if refusal.smtp_code == _CLOSING:
            return ServerAnswer(SendOutcome.UNREACHABLE, text)
        return ServerAnswer(SendOutcome.REFUSED, text, _is_temporary(refusal.smtp_code))
    except (smtplib.SMTPException, OSError) as trouble:
        # Sender refused, credentials refused, cut, silent: the same would meet every mail.
        return ServerAnswer(SendOutcome.UNREACHABLE, describe_error(trouble))
    except (ValueError, UnicodeError, AttributeError, TypeError) as trouble:
        return ServerAnswer(SendOutcome.BROKEN, describe_error(trouble))
    return ServerAnswer(SendOutcome.ACCEPTED)


def _is_temporary(code: int) -> bool:
    return 400 <= code < 500


def describe_error(trouble: BaseException) -> str:
    if isinstance(trouble, smtplib.SMTPResponseException):
        return _join_code_and_words(trouble.smtp_code, trouble.smtp_error)
    return f"{type(trouble).__name__}: {trouble}"


def _join_code_and_words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {text}"
