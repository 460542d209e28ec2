"""From sign-up to the ticket, on two platforms that are not M-Gestion, in a real browser."""

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import no_fault
from tests.browser.people import (
    NATIONAL,
    QUEUE,
    desk_page,
    fill_person,
    log_in,
    send_request,
    sign_up,
)
from tests.browser.portal import Portal, link_in, running_platform

pytestmark = pytest.mark.browser
# As its national administrator would enter it in the registry.
REGISTER = """
from accounts.habilitations.platforms.models import Platform, ServiceRule
platform = Platform.objects.get(code="{code}")
platform.entry_url, platform.attributes = "{url}/entree", ["role", "siret"]
platform.save()
ServiceRule.objects.create(platform=platform, origin="{url}", path="/")
"""


@contextmanager
def relying_party(portal: Portal) -> Iterator[str]:
    """A CAS client in its least form: no ticket, to the login; a ticket, validated, is shown."""

    class Client(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ticket = parse_qs(urlsplit(self.path).query).get("ticket", [""])[0]
            service = f"http://{self.headers['Host']}{urlsplit(self.path).path}"
            query = urlencode({"service": service, "ticket": ticket})
            if not ticket:
                self.send_response(302)
                self.send_header("Location", f"{portal.url}/cas/login?{query}")
                self.end_headers()
                return
            with urllib.request.urlopen(f"{portal.url}/cas/p3/serviceValidate?{query}") as answer:  # noqa: S310 - loopback
                body = answer.read()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Client)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _new_page(browser: Browser, width: int) -> Page:
    return browser.new_context(locale="fr-FR", viewport={"width": width, "height": 800}).new_page()


def _accept(browser: Browser, portal: Portal, reference: str, platform: str) -> None:
    desk = desk_page(browser, portal, NATIONAL, f"{QUEUE}?q={reference}")
    desk.get_by_role("link", name=reference).click()
    expect(desk.locator("#content-main")).to_contain_text(platform)
    desk.get_by_role("button", name="Accepter et prévenir").click()
    expect(desk.locator("body")).to_contain_text("acceptée")


@pytest.mark.req("R1", "R8", "R57", "R77", "D66")
def test_a_company_comes_from_m_campus_asks_there_and_enters_with_a_ticket(
    browser: Browser, portal: Portal
) -> None:
    address = "lou.essai@garage-aurore.example.org"
    person = _new_page(browser, 360)
    with running_platform(portal) as campus:
        sign_up(person, portal, address, start=f"/cas/login?service={quote(f'{campus}/connexion')}")
        log_in(person, address)
        person.get_by_role("link", name="Demander un accès à M-Campus Entreprise").click()
        person.check("[name=kind][value=cfa]")
        expect(person.get_by_role("link", name="demander un accès à M-Campus OF")).to_be_visible()
        person.check("[name=kind][value=entreprise]")
        no_fault(person)
        fill_person(person, company="Garage Aurore")
        person.select_option("[name=department]", "75")
        person.select_option("[name=profile_entreprise]", "ENT-ADH")
        reference = send_request(person)
        assert "m-gestion" not in person.url
        portal.sink.wait_for(address, "M-Campus")
        _accept(browser, portal, reference, "M-Campus Entreprise")
        mail = portal.sink.wait_for(address, "M-Campus est acceptée")
        person.goto(link_in(mail, "/cas/login?service="))
        expect(person).to_have_url(f"{campus}/")
        expect(person.locator("body")).to_contain_text("Adhérent")


@pytest.mark.req("R1", "R8", "R41", "R57", "R77", "D66")
def test_an_accounting_firm_is_led_from_m_gestion_to_m_contributions_and_enters_it(
    browser: Browser, portal: Portal
) -> None:
    address = "cyr.essai@cabinet-silex.example.org"
    person = _new_page(browser, 1280)
    with relying_party(portal) as contributions:
        portal.run(REGISTER.format(code="m-contributions", url=contributions))
        sign_up(person, portal, address)
        log_in(person, address)
        person.check("[name=kind][value=cabinet_comptable]")
        person.get_by_role("link", name="demander un accès à M-Contributions").click()
        expect(person).to_have_url(f"{portal.url}/demandes/m-contributions/nouvelle/")
        person.check("[name=kind][value=cabinet_comptable]")
        expect(person.locator("[name=profile_entreprise]")).to_be_hidden()
        fill_person(person, company="Cabinet Silex", siret="851 240 499 00018")
        person.select_option("[name=department]", "69")
        reference = send_request(person)
        _accept(browser, portal, reference, "M-Contributions")
        portal.sink.wait_for(address, "M-Contributions est acceptée")
        person.goto(f"{portal.url}/demandes/{reference}/")
        person.get_by_role("link", name="Ouvrir mon espace M-Contributions").click()
        expect(person.locator("body")).to_contain_text("authenticationSuccess")
        expect(person.locator("body")).to_contain_text("cabinet_comptable")
        expect(person.locator("body")).to_contain_text("85124049900018")
