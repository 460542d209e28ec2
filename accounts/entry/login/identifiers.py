"""The identifier that a mailed link has just proven, for the login page that follows (WCAG 3.3.7).

It travels as a message that no list shows: sealed, in a cookie of this browser until the next page,
never in an address, and nothing is stored.
"""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest

from accounts.people.models import User

TAG: Final = "identifier"


def pass_identifier_on(request: HttpRequest, user: User) -> None:
    """Let the login page that follows show the identifier of `user`. Call it only where a link has
    been used: whoever only guesses learns nothing.
    """
    messages.info(request, user.email, extra_tags=TAG)


def read_passed_identifier(request: HttpRequest) -> str:
    """The identifier that the page before handed on, or ""."""
    found = messages.get_messages(request)
    if not len(found):  # reading none would delete the cookie that is not there
        return ""
    for message in found:
        if TAG in message.tags.split():
            return str(message.message)
    return ""
