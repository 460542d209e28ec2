"""Who is asking, typed: every page of this room is for a person who is logged in."""

from django.http import Http404, HttpRequest

from accounts.people.models import User
from registrations.requests.models import Request
from registrations.requests.querysets import select_own_requests


def get_signed_in_user(request: HttpRequest) -> User:
    """The account behind `request`. LoginRequiredMiddleware lets nobody else in."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def get_own_request(request: HttpRequest, reference: str) -> Request:
    """The person's own request. Somebody else's does not exist for him (S14)."""
    found = select_own_requests(get_signed_in_user(request)).filter(reference=reference).first()
    if found is None:
        raise Http404
    return found
