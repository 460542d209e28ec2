"""The signed-in person's own requests, for views."""

from django.http import Http404, HttpRequest

from accounts.people.signed_in import get_signed_in_user
from registrations.requests.models import Request
from registrations.requests.querysets import select_own_requests


def get_own_request(request: HttpRequest, reference: str) -> Request:
    """The signed-in person's request. Raises 404 for somebody else's."""
    found = select_own_requests(get_signed_in_user(request)).filter(reference=reference).first()
    if found is None:
        raise Http404
    return found
