"""What a browser receives on a whole journey, against the register of cookies (R125–R127)."""

from datetime import timedelta
from http.cookies import Morsel
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from accounts.legal.consent.cookie_register import COOKIES, LONGEST
from accounts.legal.terms.flows import load_shipped_terms
from tests.factories.people import ADDRESS, PASSWORD, letters, log_in, path_in, settle
from tests.legal.conftest import NOW

pytestmark = pytest.mark.django_db


class Browser(Client):
    """Keeps every Set-Cookie that it is sent, even those that delete."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[Morsel[str]] = []

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        self.received += response.cookies.values()
        return response


def make_journey() -> list[Morsel[str]]:
    """Sign-up, first password, wrong and right login, account page, settings, logout."""
    browser = Browser()
    with time_machine.travel(NOW, tick=False):
        terms = load_shipped_terms(NOW)
        browser.get("/cas/login")
        browser.get("/cookies/")
        browser.get("/inscription/")
        browser.post("/inscription/", {"email": ADDRESS, "email2": ADDRESS})
        settle(NOW)
        (mail,) = letters("entry.create_password", now=NOW)
        path = path_in(mail, "/inscription/mot-de-passe/")
        browser.get(path)
        made = {
            "password1": PASSWORD,
            "password2": PASSWORD,
            "terms": "on",
            "terms_version": terms.pk,
        }
        assert browser.post(path, made).status_code == 303
        browser.get("/cas/login")
        log_in(browser, password="Tramway-Rouge-2026")
        assert log_in(browser).status_code in (302, 303)
        for page in ("/m-gestion/demande/", "/compte/", "/services/", "/aide/"):
            assert browser.get(page).status_code == 200
        browser.post("/compte/mot-de-passe/", {"current": "faux"})
        browser.get("/cas/logout")
    return browser.received


@pytest.mark.usefixtures("reference")
@pytest.mark.req("R125", "R126", "R127", "S24", "S37", "S38", "S40")
def test_every_cookie_is_on_the_page_lives_as_it_says_and_is_kept_from_other_sites() -> None:
    received = make_journey()
    registered = {cookie.name for cookie in COOKIES}
    assert {morsel.key for morsel in received} <= registered
    # The journey is a real one: each cookie of the page has been met.
    assert {morsel.key for morsel in received} == registered
    lives = {cookie.name: cookie.life() for cookie in COOKIES}
    for morsel in received:
        if morsel["max-age"] == 0 or not morsel.value:
            continue  # it is being deleted
        assert morsel["httponly"] and morsel["samesite"] in ("Lax", "Strict"), morsel
        said = lives[morsel.key]
        if said is None:
            assert morsel["max-age"] == "" and morsel["expires"] == "", morsel
        else:
            assert timedelta(seconds=int(morsel["max-age"])) == said <= LONGEST, morsel
    assert settings.SESSION_COOKIE_HTTPONLY
