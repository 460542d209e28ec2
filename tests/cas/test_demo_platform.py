"""The demo's second platform: single sign-on and single logout, seen by a newcomer."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.cas import demo_platform
from accounts.cas.models import LogoutDelivery
from accounts.cas.single_logout import sessions_to_end
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from tests.factories.cas import make_visitor, ticket_in
from tests.factories.people import NOW, log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform(reference: None) -> Platform:
    demo_platform.register_platform(NOW)
    demo_platform.register_platform(NOW)
    return Platform.objects.get(code=demo_platform.CODE)


@pytest.fixture
def visitor(platform: Platform, now: Any) -> User:
    return make_visitor(platform)


def ask(browser: Client, address: str) -> Any:
    parts = urlsplit(address)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return browser.get(path, headers={"host": parts.netloc})


@pytest.mark.req("R1", "R60", "D36")
def test_one_login_opens_it_and_one_logout_closes_it(visitor: User) -> None:
    browser, there = Client(), Client()  # one browser: no cookie is shared between the two hosts
    login: Any = ask(there, demo_platform.get_demo_service())
    assert login["Location"].startswith("http://127.0.0.1:8000/cas/login?service=")
    log_in(browser)
    arrival: Any = ask(browser, login["Location"])
    assert ticket_in(arrival)
    assert ask(there, arrival["Location"])["Location"] == demo_platform.get_demo_service()
    page = ask(there, demo_platform.get_demo_service())
    assert page.status_code == 200
    assert str(visitor.public_id) in page.content.decode()
    assert visitor.email in page.content.decode()
    assert "Adresse e-mail" in page.content.decode()

    browser.get("/cas/logout")
    assert sessions_to_end.queue_ended_sessions(NOW) == 1
    row = LogoutDelivery.objects.get()
    assert row.url == demo_platform.get_demo_service()
    body = sessions_to_end.build_logout_body(row.session_index, request_id="LR-1", now=NOW)
    worker = Client(enforce_csrf_checks=True)
    assert worker.post(urlsplit(row.url).path, {"logoutRequest": body}).status_code == 200
    assert ask(there, demo_platform.get_demo_service()).status_code == 303


@pytest.mark.req("S21", "S24")
def test_it_opens_to_nobody_without_a_good_ticket(platform: Platform) -> None:
    browser = Client()
    address = demo_platform.get_demo_service()
    assert ask(browser, f"{address}?ticket=ST-invente").status_code == 403
    assert not Session.objects.exists()
    browser.cookies["demo_platform"] = "x" * 40
    assert ask(browser, address).status_code == 303
    path = reverse("cas:demo_platform")
    assert browser.post(path, {"logoutRequest": "<nonsense>"}).status_code == 400
    # The portal's own host leads to the platform's: two origins, or it would prove nothing.
    assert browser.get(path, headers={"host": "127.0.0.1:8000"})["Location"] == address


def test_a_portals_session_is_no_session_of_the_platform(visitor: User) -> None:
    browser = Client()
    log_in(browser)
    browser.cookies["demo_platform"] = browser.cookies["sessionid"].value
    assert ask(browser, demo_platform.get_demo_service()).status_code == 303
