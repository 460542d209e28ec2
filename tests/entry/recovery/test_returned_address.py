"""An address to which mails come back: its holder is told, and confirms it by reading it."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import Purpose
from accounts.people.models import User
from accounts.people.to_do import list_to_do
from mgestion.journal.models import Entry
from mgestion.outbox.bounces.flows import find_last_return
from mgestion.outbox.models import Bounce, Mail
from tests.factories.factors import MAILED, confirmed, give_factor, show_mailed_code, with_factor
from tests.factories.people import NOW, person, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("terms")]
HOUR = timedelta(hours=1)
ADDRESS = "/compte/adresse/"


@pytest.fixture
def user() -> User:
    """Their mail of NOW came back; nothing else is known of their mailbox."""
    found = person()
    return_mail(found, NOW)
    return found


def return_mail(user: User, at: datetime) -> None:
    mail = Mail.objects.create(
        kind="entry.reset",
        subject_id=user.public_id,
        person=user.public_id,
        key=f"returned {at}",
        created_at=at,
        next_at=at,
        message_id=f"<{at.timestamp()}@example.org>",
    )
    Bounce.objects.create(mail=mail, outcome="hard", read_at=at)


@pytest.mark.req("D79")
@pytest.mark.parametrize("factor", [False, True])
def test_the_pages_of_the_address_say_so_and_a_typed_code_confirms_it(
    user: User, factor: bool
) -> None:
    client = Client()
    with time_machine.travel(NOW + HOUR, tick=False):
        confirmed(sign_in(client))
        if factor:
            give_factor(user)
            with_factor(client)
        assert [line.url for line in list_to_do(user, NOW + HOUR)] == [ADDRESS]
        for path in (ADDRESS, MAILED):
            assert "mardi 17 mars 2026" in client.get(path, follow=True).text
        show_mailed_code(client)
        assert find_last_return(user.public_id) is None
        assert "reviennent" not in client.get(ADDRESS).text
    assert Entry.objects.get(act="mail.unblocked").reason == "mail_used"
    assert list_to_do(user, NOW + HOUR) == []


@pytest.mark.req("D79")
def test_a_link_confirms_it_if_it_was_sent_after_the_last_return(user: User) -> None:
    for minutes, confirms in ((-1, False), (0, False), (1, True)):
        at = NOW + timedelta(minutes=minutes)
        link = mailed_links.issue_link(user, Purpose.RESET, now=at)
        assert mailed_links.consume_link(link, NOW + timedelta(minutes=20))
        assert (find_last_return(user.public_id) is None) == confirms, minutes


def test_the_link_to_another_address_says_nothing_of_this_one(user: User) -> None:
    link = mailed_links.issue_link(user, Purpose.ADDRESS, address="a@example.org", now=NOW + HOUR)
    assert mailed_links.consume_link(link, NOW + HOUR)
    assert find_last_return(user.public_id) == NOW
