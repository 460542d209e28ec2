"""Passkeys in Chromium, with a device in software that recognises its owner: added, used alone,
used after the password, refused, taken away; under axe and the strict policy.
"""

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.axe import no_fault
from tests.browser.people import NATIONAL, confirm, log_in
from tests.browser.portal import Portal

pytestmark = pytest.mark.browser
FACTORS = "/compte/second-facteur/"


def _device(page: Page) -> tuple[CDPSession, str]:
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return tools, made["authenticatorId"]


def _log_out(page: Page, url: str) -> None:
    page.goto(f"{url}/cas/logout")
    page.goto(f"{url}/cas/login?next=/admin/")


@pytest.mark.req("S18", "S11", "S42", "S46")
def test_an_agent_adds_a_passkey_and_enters_with_it_alone(browser: Browser, portal: Portal) -> None:
    page = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris").new_page()
    said: list[str] = []
    page.on(
        "console", lambda message: said.append(message.text) if message.type == "error" else None
    )
    tools, device = _device(page)
    address = NATIONAL.email

    # An address that no passkey can belong to: the other ways in are there, the button is not.
    page.goto(f"{portal.url}/cas/login")
    expect(page.get_by_role("button", name="Se connecter", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="clé d’accès")).to_be_hidden()

    url = portal.url.replace("127.0.0.1", "localhost")
    page.goto(f"{url}/cas/login?next=/compte/")
    expect(page.get_by_role("button", name="Se connecter avec une clé d’accès")).to_be_visible()
    no_fault(page)
    log_in(page, address, NATIONAL.password)
    page.goto(f"{url}{FACTORS}")
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    no_fault(page)
    confirm(page, NATIONAL.password)
    no_fault(page)
    page.get_by_label("Nom de la clé").fill("Portable du bureau")
    page.get_by_role("button", name="Créer la clé d’accès").click()
    expect(page.get_by_text("Votre clé d’accès est ajoutée.")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Portable du bureau")).to_be_visible()
    no_fault(page)

    # The same device again: said by the script, nothing is posted.
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    page.get_by_role("button", name="Créer la clé d’accès").click()
    expect(page.get_by_text("Cet appareil a déjà une clé d’accès")).to_be_visible()
    no_fault(page)

    # The passkey alone, as far as the administration.
    _log_out(page, url)
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    page.wait_for_url(f"{url}/admin/")
    expect(page.get_by_role("link", name="Comptes").first).to_be_visible()

    # After the password.
    _log_out(page, url)
    page.fill("[name=username]", address)
    page.fill("[name=password]", NATIONAL.password)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.get_by_role("heading", name="Confirmez que c’est vous")).to_be_visible()
    no_fault(page)
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    page.wait_for_url(f"{url}/admin/")

    # A device that does not recognise its owner.
    _log_out(page, url)
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    expect(page.get_by_text("annulée ou a expiré")).to_be_visible()
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    page.wait_for_url(f"{url}/admin/")

    # Taken away on the portal, still on the device: refused, in words.
    page.goto(f"{url}{FACTORS}")
    page.get_by_role("link", name="Renommer ou retirer").click()
    page.get_by_role("button", name="Confirmer avec une clé d’accès").click()
    expect(page.get_by_role("button", name="Retirer la clé d’accès")).to_be_visible()
    no_fault(page)
    page.get_by_role("button", name="Retirer la clé d’accès").click()
    expect(page.get_by_text("La clé d’accès est retirée.")).to_be_visible()
    _log_out(page, url)
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    expect(page.get_by_role("alert").filter(has_text="pas été reconnue")).to_be_visible()
    no_fault(page)
    assert said == []
    portal.sink.wait_for(address, "double authentification")
    page.context.close()


def test_without_a_script_the_other_ways_are_there(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(locale="fr-FR", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{portal.url.replace('127.0.0.1', 'localhost')}/cas/login")
    expect(page.get_by_role("button", name="Se connecter", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="clé d’accès")).to_be_hidden()
    context.close()
