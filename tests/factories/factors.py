"""Second factors for tests: a telephone that shows codes, and sessions opened with one."""

from datetime import datetime, timedelta

from django.test import Client

from accounts.entry import factors, sessions
from accounts.models import User
from tests.factories.people import NOW

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_factor(user: User, *, now: datetime = NOW) -> list[str]:
    """The application of SECRET, set up long ago; gives the recovery codes."""
    return factors.install(user, SECRET, step=0, now=now)


def code(now: datetime = NOW, *, later: int = 0) -> str:
    """What the telephone shows at `now`, or `later` steps of 30 s afterwards."""
    return factors.code_at(SECRET, (now + timedelta(seconds=30 * later)).timestamp())


def show_code(client: Client, typed: str) -> object:
    """After the password, on the page that asks for it."""
    return client.post("/compte/second-facteur/code/", {"code": typed})


def with_factor(client: Client) -> Client:
    """A session as a login with a second factor leaves it; for `force_login`."""
    session = client.session
    session[sessions.FACTOR] = session[sessions.PROVEN] = int(NOW.timestamp())
    session.save()
    return client
