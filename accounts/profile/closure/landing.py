"""Where the login of a closing account leads: its date and a way back, for 15 days."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.entry.login.adapter import SeeOther
from accounts.entry.second_factor import closing_proof
from accounts.people.models import User


def show_closing(
    request: HttpRequest, address: str, *, factor: bool, now: datetime
) -> HttpResponse:
    """To be called after the right password (`factor`: passkey) of an account that is closing, and
    only then.
    """
    user = User.objects.with_address(address)
    if user is not None:
        closing_proof.keep_proof(request, user, factor=factor, now=now)
    return SeeOther(reverse("profile:closing"))
