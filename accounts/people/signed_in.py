"""The signed-in person of a request, typed."""

from django.http import HttpRequest

from accounts.people.models import User


def get_signed_in_user(request: HttpRequest) -> User:
    """The signed-in account; LoginRequiredMiddleware refuses anonymous visitors before. Raises
    TypeError on a page that forgot to ask for a login.
    """
    user = request.user
    if not isinstance(user, User):
        raise TypeError("Login is required by default: this page has a person.")
    return user
