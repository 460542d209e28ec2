"""The identifier that a mailed link has just proven, or of a session that time has just ended in
this browser, for the login page that follows (WCAG 3.3.7).

It travels as a message that no list shows: sealed, in a cookie of this browser until the next page,
never in an address, and nothing is stored.
"""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest

TAG: Final = "identifier"


def pass_identifier_on(request: HttpRequest, address: str) -> None:
    """Let the login page that follows show `address`. Call it only where a link has been used, or
    the session's cookie shown: whoever only guesses learns nothing.
    """
    messages.info(request, address, extra_tags=TAG)


def read_passed_identifier(request: HttpRequest) -> str:
    """The identifier that the page before handed on, or ""."""
    found = messages.get_messages(request)
    if not len(found):  # reading none would delete the cookie that is not there
        return ""
    for message in found:
        if TAG in message.tags.split():
            return str(message.message)
    return ""
