"""Where mails go when nobody is to be reached."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class LocalBackend(BaseEmailBackend):
    """Accepts everything and sends nothing: the mail is on its row, read on the local page."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return len(email_messages)
