"""A form filled while the session ended is given back after the login, to who filled it alone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from accounts.people.models import User
from registrations.requests.models import Request
from tests.factories.people import NOW, log_in, person
from tests.factories.registrations import posted

pytestmark = [pytest.mark.usefixtures("reference", "clock"), pytest.mark.django_db]
FORM = "/m-gestion/demande/"
KEPT = "Rien n’a encore été enregistré"


def send(client: Client, user: User, path: str = FORM, **said: Any) -> Any:
    return client.post(path, posted(person=str(user.public_id), **said))


@pytest.mark.req("S45", "S47")
def test_what_was_typed_when_the_session_ended_is_there_after_the_login(
    client: Client, clock: Any
) -> None:
    user = person()
    log_in(client)
    assert client.get(FORM).status_code == 200
    clock.shift(timedelta(hours=3))
    away = send(client, user, company_name="Garage du  Phare", phone="01 99 00 12 3")["Location"]
    assert away == f"/cas/login?next={FORM}"
    asked = client.get(away).text
    assert "deux heures sans activité" in asked and "gardée un quart d’heure" in asked
    log_in(client, next=FORM)
    page = client.get(FORM).text
    assert KEPT in page
    assert 'value="Garage du  Phare"' in page and 'value="01 99 00 12 3"' in page
    assert re.search(r'value="entreprise"[^>]* checked', page)
    assert '<option value="automobile" selected>' in page
    assert not re.search(r'name="(accept_terms|declaration)"[^>]* checked', page)
    assert not Request.objects.exists()
    assert send(client, user)["Location"].startswith("/demandes/MG-")
    assert KEPT not in client.get(FORM).text


def test_somebody_else_or_later_or_another_page_shows_nothing_of_it(clock: Any) -> None:
    user, other = person(), person("paul@garage.example.org")
    for who, path, pause in (
        (other, FORM, timedelta(0)),
        (user, f"{FORM}?branche=of", timedelta(0)),
        (user, FORM, timedelta(minutes=16)),
    ):
        client = Client()
        send(client, user, company_name="Garage du Phare")
        clock.shift(pause)
        log_in(client, who.email)
        page = client.get(path).text
        assert "<h1>Demander un accès" in page
        assert KEPT not in page and "Garage du Phare" not in page


def test_nothing_is_kept_longer_than_a_login_may_wait_nor_without_end(
    client: Client, settings: Settings
) -> None:
    settings.LOGINS_PER_IP = (1, timedelta(minutes=1))
    user = person()
    send(client, user)
    (row,) = Session.objects.all()
    assert row.expire_date <= NOW + timedelta(seconds=settings.ACCOUNT_LOGIN_TIMEOUT)
    assert send(Client(), user)["Location"] == f"/cas/login?next={FORM}"
    assert Session.objects.count() == 1


@pytest.mark.req("S45", "S24")
def test_a_form_from_before_a_login_in_another_tab_comes_back_filled() -> None:
    user = person()
    client = Client(enforce_csrf_checks=True)
    page = client.get("/cas/login").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    log_in(client, csrfmiddlewaretoken=token[1])
    answer = send(client, user, company_name="Garage du Phare")  # without its proof of origin
    assert answer["Location"] == FORM
    page = client.get(FORM).text
    assert KEPT in page and 'value="Garage du Phare"' in page
    assert not Request.objects.exists()
    assert client.post("/compte/identite/", {}).status_code == 403


def test_a_form_from_elsewhere_opens_no_session() -> None:
    client = Client(enforce_csrf_checks=True)
    assert send(client, person()).status_code == 403
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert not Session.objects.exists()
