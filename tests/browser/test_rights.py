"""Mes données, a right, the terms' versions and the choice on cookies, in Chromium under axe."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from registrations.demo.requests import PASSWORD as DEMO_PASSWORD
from registrations.demo.requests import PEOPLE
from tests.browser.axe import no_fault
from tests.browser.people import log_in
from tests.browser.portal import Portal, link_in
from tests.factories.habilitations import load_reference

pytestmark = pytest.mark.browser
SCRIPT = "https://mesure.example.org/compter.js"


@pytest.fixture
def measuring(transactional_db: None, live_server: Any, settings: Any) -> str:
    """The address of a second web server, where a measurement of audience is set up."""
    load_reference()
    settings.MEASUREMENT_SCRIPT_URL = SCRIPT
    settings.MEASUREMENT_COOKIES = {"_mesure": 393}
    return str(live_server.url)


def _fits(page: Page) -> None:
    """Nothing scrolls sideways on a telephone (RGAA 10.11)."""
    page.set_viewport_size({"width": 360, "height": 740})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360, page.url
    page.set_viewport_size({"width": 1280, "height": 800})


def _counting(asked: list[str]) -> Callable[[Route], None]:
    """The measurement's own server: notes what is asked, and sets its cookie."""

    def count(route: Route) -> None:
        asked.append(route.request.url)
        body = "document.cookie = '_mesure=abc; path=/; max-age=60';"
        route.fulfill(content_type="text/javascript", body=body)

    return count


@pytest.mark.req("R128", "S36", "S37", "S41", "R126", "S42")
def test_the_choice_without_and_with_javascript(browser: Browser, measuring: str) -> None:
    for scripts in (True, False):
        context = browser.new_context(locale="fr-FR", java_script_enabled=scripts)
        page = context.new_page()
        asked: list[str] = []

        context.route("https://mesure.example.org/**", _counting(asked))
        page.goto(f"{measuring}/aide/")
        banner = page.get_by_role("region", name="Mesure d’audience")
        expect(banner).to_be_visible()
        no, yes = (banner.get_by_role("button", name=name) for name in ("Refuser", "Accepter"))
        first, second = no.bounding_box(), yes.bounding_box()
        assert first and second
        assert abs(first["height"] - second["height"]) < 1
        assert abs(first["width"] - second["width"]) < 1
        if scripts:
            no_fault(page)
            _fits(page)
        no.click()
        expect(page).to_have_url(f"{measuring}/aide/")
        expect(banner).to_have_count(0)
        page.get_by_role("link", name="Gestion des cookies").first.click()
        expect(page.get_by_text("Vous avez refusé")).to_be_visible()
        assert asked == []
        if scripts:
            no_fault(page)
        page.get_by_role("main").get_by_role("button", name="Accepter").click()
        expect(page.get_by_text("Vous avez accepté")).to_be_visible()
        assert asked == ([SCRIPT] if scripts else [])
        page.goto(f"{measuring}/cas/login")  # a password is typed here: never measured
        assert len(asked) == int(scripts)
        page.goto(f"{measuring}/cookies/")
        page.get_by_role("main").get_by_role("button", name="Refuser").click()
        names = {str(cookie.get("name")) for cookie in context.cookies()}
        assert "consent" in names and "_mesure" not in names
        asked.clear()
        page.goto(f"{measuring}/aide/")
        assert asked == []
        context.close()


@pytest.mark.req("R121", "S33", "S34", "S42", "R69")
def test_a_copy_a_right_and_an_old_version_are_asked_for(browser: Browser, portal: Portal) -> None:
    person = next(person for person in PEOPLE if person.role == "Sans demande")
    address = person.mailbox
    page = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris").new_page()
    page.goto(f"{portal.url}/cgu/versions/")
    no_fault(page)
    _fits(page)
    page.get_by_role("button", name="Demander cette version").click()
    expect(page.get_by_role("alert")).to_be_focused()
    no_fault(page)
    page.get_by_label("Version demandée").fill("mars 2024")
    page.get_by_label("Votre adresse e-mail").fill(address)
    page.get_by_role("button", name="Demander cette version").click()
    expect(page.get_by_text("Votre demande est enregistrée")).to_be_visible()

    page.goto(f"{portal.url}/cas/login?next=/compte/mes-donnees/")
    log_in(page, address, DEMO_PASSWORD)
    expect(page).to_have_url(f"{portal.url}/compte/mes-donnees/")
    no_fault(page)
    page.get_by_role("link", name="Demander une copie").click()
    no_fault(page)
    page.get_by_role("button", name="Préparer ma copie").click()
    expect(page.get_by_text("Un e-mail vous dira").first).to_be_visible()
    mail = portal.sink.wait_for(address, "copie de vos données")
    page.goto(link_in(mail, "/compte/mes-donnees/copie/"))
    expect(page.get_by_role("heading", name="Copie de mes données")).to_be_visible()
    expect(page.get_by_role("heading", name="Votre compte", exact=True)).to_be_visible()
    no_fault(page)
    _fits(page)

    page.goto(f"{portal.url}/compte/mes-donnees/demande/")
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page.get_by_role("alert")).to_be_focused()
    no_fault(page)
    page.get_by_label(re.compile("^Opposition")).check()
    page.get_by_label("Votre demande").fill("Ne m’écrivez plus pour des enquêtes.")
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page.get_by_role("heading", name="Opposition")).to_be_visible()
    expect(page.get_by_text("(heure de Paris)").first).to_be_visible()
    no_fault(page)
    _fits(page)
    portal.sink.wait_for(address, "exercice de droits")
    page.context.close()
