"""How mails leave: to the SMTP server, or nowhere when nobody is to be reached."""

import smtplib
from collections.abc import Sequence
from typing import Any, Final

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from mgestion.outbox.sending.in_doubt import in_doubt

_END_OF_MESSAGE: Final = b"\r\n.\r\n"


class _TurnTakingConnection:
    """Before `smtplib.SMTP`: the mail is in doubt from the line that ends it."""

    def send(self, s: Any) -> None:
        if isinstance(s, bytes) and s.endswith(_END_OF_MESSAGE):
            in_doubt.begin()
        super().send(s)  # type: ignore[misc]  # of smtplib.SMTP


class _PlainConnection(_TurnTakingConnection, smtplib.SMTP):
    pass


class _SecureConnection(_TurnTakingConnection, smtplib.SMTP_SSL):
    pass


class SmtpBackend(EmailBackend):
    """Django's, over connections that take turns for the last step of a mail. Who records the
    answer ends the turn (`delivery`).
    """

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SecureConnection if self.use_ssl else _PlainConnection


class LocalBackend(BaseEmailBackend):
    """Accepts everything and sends nothing: the mail is on its row, read on the local page."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return len(email_messages)
