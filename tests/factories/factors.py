"""Second factors for tests: a telephone that shows codes, and sessions opened with one."""

from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.entry.links import mailed_links
from accounts.entry.models import EntryLink
from accounts.entry.second_factor import factors
from accounts.entry.second_factor.mailed_code_flows import compute_mailed_code
from accounts.entry.sessions import session_flows
from accounts.people.models import User
from tests.factories.people import NOW

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_factor(user: User, *, now: datetime = NOW) -> list[str]:
    """The application of SECRET, set up long ago; gives the recovery codes."""
    return factors.install_application(user, SECRET, step=0, now=now)


def code(now: datetime = NOW, *, later: int = 0) -> str:
    """What the telephone shows at `now`, or `later` steps of 30 s afterwards."""
    return factors.get_code_at(SECRET, (now + timedelta(seconds=30 * later)).timestamp())


def show_code(client: Client, typed: str) -> Any:
    """After the password, on the page that asks for it."""
    return client.post("/compte/second-facteur/code/", {"code": typed})


def with_factor(client: Client) -> Client:
    """A session as a login with a second factor leaves it; for `force_login`."""
    session = client.session
    session[session_flows.FACTOR] = session[session_flows.PROVEN] = int(NOW.timestamp())
    session.save()
    return client


def confirmed(client: Client) -> Client:
    """As `confirm` with the right password, without its page."""
    session = client.session
    for stamp in (session_flows.PROVEN, session_flows.CONFIRMED):
        session[stamp] = int(timezone.now().timestamp())
    session.save()
    return client


MAILED = "/compte/second-facteur/code-recu/"


def prove_mailbox(client: Client) -> None:
    """As `show_mailed_code`, without its pages: the code was typed in this session just now."""
    now, session = timezone.now(), client.session
    user = User.objects.get(pk=session["_auth_user_id"])
    link = mailed_links.issue_link(user, EntryLink.Purpose.FACTOR, now=now)
    EntryLink.objects.filter(pk=link.pk).update(used_at=now, shown_at=now)
    session["mailed_code"] = link.id.hex
    session.save()


def show_mailed_code(client: Client, now: datetime = NOW) -> None:
    """What a first factor needs (D73): a code is asked, read in the mailbox and typed. The password
    was given again a moment ago.
    """
    client.post(MAILED)  # refused where the confirmation has just sent one
    link = EntryLink.objects.get(purpose=EntryLink.Purpose.FACTOR, used_at__isnull=True)
    answer = client.post(MAILED, {"code": compute_mailed_code(link)})
    assert answer.status_code == 303, answer.text
