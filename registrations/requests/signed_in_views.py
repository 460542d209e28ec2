"""What views of signed-in people read: their own requests, and the token of a form."""

import uuid

from django.http import Http404, HttpRequest, QueryDict

from accounts.people.signed_in import get_signed_in_user
from registrations.requests.models import Request
from registrations.requests.querysets import select_own_requests


def get_own_request(request: HttpRequest, reference: str) -> Request:
    """The signed-in person's request. Raises 404 for somebody else's."""
    found = select_own_requests(get_signed_in_user(request)).filter(reference=reference).first()
    if found is None:
        raise Http404
    return found


def read_shown_message(posted: QueryDict) -> int:
    """The number of the last message that the page of a post showed; 0 for what is no number."""
    text = posted.get("shown", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def read_form_token(posted: QueryDict) -> uuid.UUID:
    """The token that makes one of a form that is posted twice."""
    try:
        return uuid.UUID(posted.get("form_token", ""))
    except ValueError:
        return uuid.uuid4()  # forged or missing: no protection against a double post
