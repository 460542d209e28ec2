"""« Signaler une perte ou un vol d’identifiants » (R105, R106, D63)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from accounts.entry.links import mailed_links
from accounts.entry.links.link_mails import LOSS_MAIL
from accounts.entry.models import SessionRecord
from accounts.entry.recovery import loss_flows
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from tests.factories.people import (
    ADDRESS,
    NOW,
    inside,
    letters,
    log_in,
    path_in,
    person,
    settle,
    sign_in,
)

pytestmark = pytest.mark.django_db
ASK = "/signalement/"
NEW = "Peniche-Verte-2027"


def ask(client: Client, address: str = ADDRESS) -> Any:
    return client.post(ASK, {"email": address})


def mailed_path(client: Client) -> str:
    ask(client)
    settle()
    (mail,) = letters(LOSS_MAIL)
    assert mail.to == ADDRESS
    return path_in(mail, ASK)


@pytest.mark.req("R105", "D63")
def test_the_page_is_public_and_linked_from_every_page(client: Client, now: Any) -> None:
    assert client.get(ASK).status_code == 200
    for page in ("/cas/login", "/aide/"):
        assert f'href="{ASK}"' in client.get(page).text


@pytest.mark.req("R105", "R106", "D63", "S20")
def test_the_link_ends_sessions_tells_staff_and_leads_to_a_new_password(
    user: User, client: Client, now: Any
) -> None:
    thief = Client()
    sign_in(thief)
    path = mailed_path(client)
    assert "Toutes les sessions ouvertes se ferment" in client.get(path).text
    assert inside(thief)  # reading the link changed nothing
    onward = client.post(path)["Location"]
    assert onward.startswith("/mot-de-passe/")
    assert thief.get("/compte/").status_code == 302
    assert log_in(thief).status_code == 200  # the stolen password is worth nothing
    assert SessionRecord.objects.filter(end_reason="loss").count() == 1
    (told,) = letters(loss_flows.STAFF_MAIL)
    assert told.to == settings.CONTACT_EMAIL
    assert ADDRESS not in told.text + told.html
    assert Entry.objects.get(act="account.loss_reported").person == user.public_id
    done = client.post(onward, {"password1": NEW, "password2": NEW})
    assert done.status_code == 303
    user.refresh_from_db()
    assert user.check_password(NEW)


@pytest.mark.req("S19", "D16")
def test_the_link_works_once_and_for_an_hour(client: Client, now: Any) -> None:
    person()
    path = mailed_path(client)
    with time_machine.travel(NOW + settings.RESET_LINK_LIFE, tick=False):
        assert client.get(path).status_code == client.post(path).status_code == 410
    assert client.post(path).status_code == 303
    assert client.get(path).status_code == client.post(path).status_code == 410
    assert client.get(f"{path[:-3]}abc/").status_code == 410


def test_of_two_posts_at_once_the_second_is_told_no(user: User, now: Any) -> None:
    link = mailed_links.issue_link(user, mailed_links.Purpose.LOSS, now=NOW)
    loss_flows.report_loss(link, now=NOW)
    with pytest.raises(Refused):
        loss_flows.report_loss(link, now=NOW)
    assert Mail.objects.filter(kind=loss_flows.STAFF_MAIL).count() == 1


@pytest.mark.req("D16")
def test_asking_again_at_once_sends_no_second_mail(client: Client, now: Any) -> None:
    person()
    ask(client)
    ask(client)
    settle()
    assert Mail.objects.filter(kind=LOSS_MAIL).count() == 1
    later = NOW + settings.LINK_COOLDOWN + timedelta(seconds=1)
    with time_machine.travel(later, tick=False):
        ask(client)
    settle(later)
    assert Mail.objects.filter(kind=LOSS_MAIL).count() == 2
