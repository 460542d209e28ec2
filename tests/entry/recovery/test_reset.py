"""« Mot de passe oublié »: one row for any address, a mail to the stored one, a POST that uses the
link.
"""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.entry.links import mailed_links
from accounts.entry.models import FailureCounter, PostedRequest, SessionRecord
from accounts.entry.posted_requests import Kind
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.outbox.models import Mail
from tests.factories.people import (
    ADDRESS,
    NOW,
    PASSWORD,
    letters,
    log_in,
    mailed_path,
    pending,
    person,
    settle,
    sign_in,
)
from tests.rolled_back import rolled_back

pytestmark = [pytest.mark.django_db, pytest.mark.both]
NEW = "Peniche-Verte-2027"


def ask(client: Client, address: str = ADDRESS, **more: str) -> Any:
    return client.post("/mot-de-passe/oublie/", {"email": address, **more})


def reset_path(client: Client) -> str:
    ask(client)
    settle(NOW)
    return mailed_path("entry.reset", "/mot-de-passe/")


def issue_path() -> str:
    """The same of a link that was sent a moment ago."""
    link = mailed_links.issue_link(User.objects.get(), mailed_links.Purpose.RESET, now=NOW)
    return f"/mot-de-passe/{mailed_links.sign_link_key(link)}/"


@pytest.mark.req("S8")
def test_the_answer_and_the_statements_are_the_same_for_any_address(
    client: Client, now: Any, django_assert_num_queries: Any
) -> None:
    for kind in ("unknown", "pending", "active", "suspended"):
        with rolled_back():
            if kind == "pending":
                pending()
            elif kind != "unknown":
                person(status=kind)
            with django_assert_num_queries(2):
                response = ask(client)
            assert (response.status_code, response["Location"]) == (303, "/mot-de-passe/envoye/")
            assert PostedRequest.objects.filter(kind=Kind.RESET).count() == 1, kind


@pytest.mark.req("D58")
def test_the_mail_goes_to_the_address_as_stored_never_as_typed(client: Client, now: Any) -> None:
    person("Jeanne.Martin@garage.example.org")
    ask(client, "JEANNE.MARTIN@GARAGE.example.ORG")
    assert settle(now) == {"mailed": 1}
    (message,) = letters()
    assert message.to == "Jeanne.Martin@garage.example.org"


@pytest.mark.req("D16", "S24")
def test_the_link_lives_60_minutes_and_reading_it_changes_nothing(client: Client, now: Any) -> None:
    person()
    path = issue_path()
    for method in ("get", "head", "options"):
        getattr(client, method)(path)
    with time_machine.travel(NOW + timedelta(minutes=59, seconds=59), tick=False):
        assert client.get(path).status_code == 200
    with time_machine.travel(NOW + timedelta(minutes=60), tick=False):
        assert client.get(path).status_code == 410


@pytest.mark.req("S20", "S4", "S16")
def test_a_reset_ends_every_session_opens_every_counter_and_is_confirmed_by_mail(
    user: User, client: Client, now: Any
) -> None:
    elsewhere = Client()
    sign_in(elsewhere)
    log_in(Client(), password="Tramway-Rouge-2026")
    FailureCounter.objects.update(failures=6)
    path = reset_path(client)
    response = client.post(path, {"password1": NEW, "password2": NEW})
    assert (response.status_code, response["Location"]) == (303, "/cas/login")
    assert not Session.objects.exists()
    assert SessionRecord.objects.get().end_reason == "password"
    assert not FailureCounter.objects.exists()
    assert elsewhere.get("/compte/").status_code == 302
    user.refresh_from_db()
    assert user.session_epoch == 1
    (told,) = letters("entry.password_changed")
    assert told.subject == "Votre mot de passe a été modifié – OPCO Mobilités"
    assert client.post(path, {"password1": NEW, "password2": NEW}).status_code == 410
    assert log_in(client, password=NEW).status_code == 303


@pytest.mark.req("D33", "D21")
def test_a_reset_while_deactivated_for_inactivity_works_and_the_login_revives(
    client: Client, now: Any
) -> None:
    person(status=Status.DEACTIVATED_INACTIVE, revivable_until=NOW + timedelta(days=3))
    client.post(issue_path(), {"password1": NEW, "password2": NEW})
    assert User.objects.get().status == Status.DEACTIVATED_INACTIVE
    assert log_in(client, password=NEW).status_code == 303
    assert User.objects.get().status == Status.ACTIVE


@pytest.mark.req("R22", "S7")
def test_the_new_password_obeys_the_same_rules(client: Client, now: Any) -> None:
    person(first_name="Jeanne", last_name="Martin")
    path = issue_path()
    text = client.post(path, {"password1": "Martin-2026", "password2": "Martin-2026"}).text
    assert "ni votre nom" in text
    assert User.objects.get().check_password(PASSWORD)


def test_a_link_of_one_kind_opens_no_other_page(client: Client, now: Any) -> None:
    person()
    key = issue_path().rstrip("/").rpartition("/")[2]
    assert client.get(f"/inscription/mot-de-passe/{key}/").status_code == 404
    assert client.get(f"/deverrouillage/{key}/").status_code == 410


def test_a_mangled_key_is_a_page_not_an_error(client: Client) -> None:
    forged = f"{'0' * 32}.{'A' * 43}"
    for key in ("x", "0" * 32, forged, "é.ü", "a" * 3000):
        assert client.post(f"/mot-de-passe/{key}/", {}).status_code == 410, key
    assert client.get(f"/inscription/mot-de-passe/{forged}/").status_code == 404
    assert client.post(f"/deverrouillage/{forged}/").status_code == 410


def test_resets_of_one_network_are_limited(client: Client, now: Any, settings: Any) -> None:
    most, period = settings.RESETS_PER_IP
    assert most >= 100
    settings.RESETS_PER_IP = (3, period)
    for _ in range(3):
        assert ask(client).status_code == 303
    assert ask(client).status_code == 429
    assert not Mail.objects.exists()
