"""Closing one's account, and giving that up during the 15 days that follow (D50, R79).

An account on its way out has no session. Who has given the right password is shown the date and a
button: the browser's anonymous session remembers, for a few minutes, whose account it is.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.entry import sessions
from accounts.entry.adapter import SeeOther
from accounts.enums import Status
from accounts.models import User

_PROVEN: Final = "profile.closing"
_PROOF_LIFE: Final = timedelta(minutes=15)


def show_closing(request: HttpRequest, address: str, *, now: datetime) -> HttpResponse:
    """To be called after the right password of an account that is closing, and only then."""
    user = User.objects.with_address(address)
    if user is not None:
        request.session[_PROVEN] = {"person": str(user.public_id), "at": int(now.timestamp())}
        sessions.keep_briefly(request)
    return SeeOther(reverse("profile:closing"))


def proven(request: HttpRequest, now: datetime) -> User | None:
    """The closing account whose password was given in this browser a moment ago, or None."""
    proof = request.session.get(_PROVEN)
    if not proof or now - datetime.fromtimestamp(proof["at"], tz=UTC) > _PROOF_LIFE:
        return None
    return User.objects.filter(public_id=proof["person"], status=Status.CLOSING).first()
