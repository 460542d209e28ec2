"""A login form that another tab outran, and a second login of the same person (R28, S24)."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.people.models import User
from tests.factories.cas import SERVICE, make_platform, ticket_in
from tests.factories.people import log_in

pytestmark = pytest.mark.django_db
OTHER = "https://tutorat.example.org/"


def token_in(page: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert found
    return found[1]


@pytest.fixture
def tabs(visitor: User) -> tuple[Client, str]:
    """A browser with a login form open in its second tab: the token of that form."""
    make_platform("m-tutorat", OTHER.rstrip("/"))
    browser = Client(enforce_csrf_checks=True)
    token = token_in(browser.get("/cas/login", {"service": SERVICE}))
    first = token_in(browser.get("/cas/login", {"service": OTHER}))
    assert log_in(browser, service=OTHER, csrfmiddlewaretoken=first).status_code == 303
    return browser, token


@pytest.mark.req("R28", "S24")
def test_the_form_of_a_second_tab_goes_on_to_its_own_platform(tabs: tuple[Client, str]) -> None:
    browser, token = tabs
    answer: Any = log_in(browser, service=SERVICE, csrfmiddlewaretoken=token)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (303, "/cas/login")
    arrived: Any = browser.get(answer["Location"])
    assert arrived["Location"].startswith(f"{SERVICE}?ticket=")
    assert "un autre onglet" not in browser.get("/compte/").text


@pytest.mark.req("R28", "S24")
def test_after_a_login_and_a_logout_elsewhere_the_form_comes_back_with_its_service(
    tabs: tuple[Client, str],
) -> None:
    browser, token = tabs
    browser.get("/cas/logout")
    answer: Any = log_in(browser, service=SERVICE, csrfmiddlewaretoken=token, method="POST")
    page = browser.get(answer["Location"])
    text = page.text
    assert "un autre onglet a ouvert ou fermé une session" in text
    assert f'name="service" value="{SERVICE}"' in text
    assert 'name="method" value="POST"' in text
    again: Any = log_in(browser, service=SERVICE, csrfmiddlewaretoken=token_in(page))
    assert ticket_in(again)


@pytest.mark.cas("L4")
@pytest.mark.req("R28")
def test_a_form_that_renews_still_asks_the_password(tabs: tuple[Client, str]) -> None:
    browser, token = tabs
    answer: Any = log_in(browser, service=SERVICE, csrfmiddlewaretoken=token, renew="true")
    page = browser.get(answer["Location"]).text
    assert 'name="password"' in page
    assert 'name="renew" value="true"' in page


@pytest.mark.cas("A1", "A8")
@pytest.mark.req("R9", "S24")
def test_a_service_that_nobody_registered_and_a_form_of_another_site_are_refused(
    tabs: tuple[Client, str],
) -> None:
    browser, token = tabs
    for service in ("https://evil.example.net/", "//evil.example.net/"):
        answer = log_in(browser, service=service, csrfmiddlewaretoken=token)
        assert answer.status_code == 403, service
        assert "evil" not in answer.text
    form = {"service": SERVICE, "csrfmiddlewaretoken": token}
    origin = {"origin": "https://evil.example.net"}
    assert browser.post("/cas/login", form, headers=origin).status_code == 403


@pytest.mark.req("R28")
def test_without_cookies_the_page_explains_and_leads_back_with_the_service(visitor: User) -> None:
    for path in ("/cas/login", "/cas/confirm"):
        answer = Client(enforce_csrf_checks=True).post(path, {"service": SERVICE})
        text = answer.text
        assert answer.status_code == 403
        assert "aucun cookie" in text
        assert 'href="/cas/login?service=https%3A%2F%2Fcontributions.example.org' in text
