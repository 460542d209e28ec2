"""« Mon compte »: what it shows, changing the password, logging out everywhere."""

from typing import Any

import pytest
from django.test import Client

from accounts.entry.models import FailureCounter, SessionRecord
from accounts.people.models import User
from mgestion.journal.models import Entry
from tests.factories.people import NOW, PASSWORD, inside, letters, person, sign_in

pytestmark = pytest.mark.django_db
NEW = "Peniche-Verte-2027"


def change(client: Client, current: str = PASSWORD, new: str = NEW) -> Any:
    values = {"current": current, "password1": new, "password2": new}
    return client.post("/compte/mot-de-passe/", values)


def test_the_page_is_for_people_who_are_logged_in(client: Client) -> None:
    for path in ("/compte/", "/compte/mot-de-passe/"):
        assert client.get(path)["Location"].startswith("/cas/login?next=")


def test_it_shows_who_one_is_and_where_one_is_logged_in(client: Client, now: Any) -> None:
    person(first_name="Jeanne", last_name="Martin", phone="+33199001234")
    elsewhere = Client(
        headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:145.0) Firefox/145.0"}
    )
    sign_in(elsewhere)
    sign_in(client)
    text = client.get("/compte/").content.decode()
    for shown in (
        "Jeanne",
        "Martin",
        "01 99 00 12 34",
        "jeanne.martin@",
        "Firefox, Windows",
        "(cette session)",
    ):
        assert shown in text.replace("\u00a0", " ").replace("\u202f", " ")
    sign_in(Client())
    text = client.get("/compte/").text  # a stranger's login: a new password is not enough
    assert 'href="/signalement/">Signalez' in text and "Changez votre mot de passe" not in text


@pytest.mark.req("S20", "S16")
def test_changing_the_password_keeps_this_session_and_ends_the_others(
    client: Client, now: Any
) -> None:
    user = person()
    elsewhere = Client()
    sign_in(elsewhere)
    sign_in(client)
    before = client.cookies["sessionid"].value
    assert change(client)["Location"] == "/compte/"
    assert client.cookies["sessionid"].value != before
    assert inside(client)
    assert elsewhere.get("/compte/").status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert len(letters("entry.password_changed")) == 1
    (mine,) = SessionRecord.objects.filter(ended_at=None)
    assert (mine.session_key, mine.epoch) == (client.cookies["sessionid"].value, 1)


@pytest.mark.req("S16", "S3")
def test_the_current_password_is_asked_and_counted(client: Client, now: Any) -> None:
    person()
    sign_in(client)
    for failures in (0, 4):  # the fifth after four
        FailureCounter.objects.update(failures=failures)
        assert "Le mot de passe actuel est incorrect" in change(client, "Faux-Mot-2026").text
    text = change(client).content.decode()
    assert "attendez 1\u00a0minute" in text
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.req("S11")
def test_an_agents_password_has_sixteen_characters(client: Client, now: Any) -> None:
    person(is_staff=True)
    sign_in(client)
    assert "au moins 16 caractères" in change(client, new="Peniche-Vert-26").content.decode()


@pytest.mark.req("S20")
def test_logging_out_everywhere_ends_every_session(client: Client, now: Any) -> None:
    person()
    elsewhere = Client()
    sign_in(elsewhere)
    sign_in(client)
    assert client.get("/compte/sessions/fermer/").status_code == 405
    assert client.post("/compte/sessions/fermer/")["Location"] == "/cas/login"
    for browser in (client, elsewhere):
        assert browser.get("/compte/").status_code == 302
    assert SessionRecord.objects.filter(ended_at=NOW, end_reason="everywhere").count() == 2
    assert Entry.objects.filter(act="sessions.ended").exists()


def test_the_page_costs_the_same_with_more_sessions(
    client: Client, now: Any, django_assert_num_queries: Any
) -> None:
    user = person()
    sign_in(client)
    for number in range(5):
        SessionRecord.objects.create(
            user=user, session_key=f"s{number}", epoch=0, started_at=NOW, seen_at=NOW
        )
    with django_assert_num_queries(6):  # its four, the gate of the terms, what waits
        client.get("/compte/")
