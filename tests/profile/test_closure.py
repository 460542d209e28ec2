"""« Fermer mon compte »: the password, the consequences, the way back (D50, R79)."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.entry.models import FailureCounter
from accounts.leaving.account_departures import CLOSING, close_account
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.text.dates import end_of_paris_day
from tests.factories.people import NOW, PASSWORD, letters, log_in, person, sign_in

pytestmark = pytest.mark.django_db
CLOSE, PENDING = "/compte/fermeture/", "/compte/fermeture/en-cours/"


def status() -> str:
    return User.objects.get().status


def closed() -> None:
    """Somebody who has asked for it."""
    user = person()
    close_account(user, actor=Actor.person(user), now=NOW)


@pytest.mark.req("R79", "D50")
def test_the_page_names_the_consequences_and_a_get_does_nothing(client: Client, now: Any) -> None:
    person()
    sign_in(client)
    page = client.get(CLOSE).text
    assert "15\u00a0jours calendaires" in page and "définitivement supprimés" in page
    assert f'href="{CLOSE}"' in client.get("/compte/").text
    assert status() == Status.ACTIVE


@pytest.mark.req("D50", "S20")
def test_closing_ends_every_session_and_is_acknowledged(client: Client, now: Any) -> None:
    person()
    elsewhere = Client()
    sign_in(elsewhere)
    sign_in(client)
    answer = client.post(CLOSE, {"password": PASSWORD}, follow=True)
    assert "Votre demande de fermeture est enregistrée" in answer.text
    assert status() == Status.CLOSING
    for browser in (client, elsewhere):
        assert browser.get("/compte/").status_code == 302
    (mail,) = letters(CLOSING)
    assert mail.to == User.objects.get().email
    assert Entry.objects.filter(act="account.closing", actor_kind="person").exists()


@pytest.mark.req("D50", "S16", "S3")
def test_the_password_is_asked_and_counted(client: Client, now: Any) -> None:
    person()
    sign_in(client)
    for failures in (0, 4):  # the fifth after four
        FailureCounter.objects.update(failures=failures)
        assert "Le mot de passe est incorrect" in client.post(CLOSE, {"password": "faux"}).text
    assert "attendez 1\u00a0minute" in client.post(CLOSE, {"password": PASSWORD}).text
    assert status() == Status.ACTIVE


@pytest.mark.req("D50", "D42")
def test_the_login_of_a_closing_account_shows_only_the_date_and_a_way_back(
    client: Client, now: Any
) -> None:
    closed()
    User.objects.update(revivable_until=end_of_paris_day(date(2026, 4, 1)))
    answer = log_in(client)
    assert answer["Location"] == PENDING
    page = client.get(PENDING)
    assert "jusqu’au mercredi 1er avril 2026 inclus" in page.text
    assert User.objects.get().email not in page.text
    assert client.get("/compte/").status_code == 302  # no session of the account
    assert client.post(PENDING)["Location"] == "/cas/login"
    assert status() == Status.ACTIVE
    assert log_in(client)["Location"] == "/m-gestion/"


@pytest.mark.req("D42")
def test_a_wrong_password_learns_nothing(client: Client, now: Any) -> None:
    closed()
    answer = log_in(client, password="Autre-Mot-2026")
    assert answer.status_code == 200
    assert "fermeture" not in answer.text.split("<form", 1)[1]
    assert client.get(PENDING)["Location"] == "/cas/login"
    assert client.post(PENDING)["Location"] == "/cas/login"
    assert status() == Status.CLOSING


@pytest.mark.req("D50")
def test_the_proof_of_the_password_lasts_a_quarter_of_an_hour(client: Client, now: Any) -> None:
    closed()
    log_in(client)
    with time_machine.travel(NOW + timedelta(minutes=16), tick=False):
        assert client.post(PENDING)["Location"] == "/cas/login"
    assert status() == Status.CLOSING


@pytest.mark.req("D50", "R88")
def test_after_day_15_it_is_too_late(client: Client, now: Any) -> None:
    closed()
    log_in(client)
    User.objects.update(revivable_until=NOW)
    answer = client.post(PENDING, follow=True)
    assert "délai de 15\u00a0jours est écoulé" in answer.text
    assert status() == Status.CLOSING


@pytest.mark.req("D24")
def test_the_last_national_administrator_cannot_leave(client: Client, now: Any) -> None:
    person(is_superuser=True, is_staff=True)
    client.force_login(User.objects.get(), backend="accounts.entry.login.backends.PasswordBackend")
    page = client.post(CLOSE, {"password": PASSWORD}).text
    assert "dernier administrateur national" in page
    assert status() == Status.ACTIVE
