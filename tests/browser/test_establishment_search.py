"""The directory answers on the request form, on a phone: with JavaScript and without."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from registrations.demo.requests import PASSWORD as DEMO_PASSWORD
from registrations.demo.requests import PEOPLE
from tests.browser.axe import no_fault
from tests.browser.people import log_in
from tests.browser.portal import Portal

pytestmark = pytest.mark.browser
PHONE: Any = {"width": 360, "height": 740}


def _form(browser: Browser, portal: Portal, **settings: Any) -> Page:
    context = browser.new_context(locale="fr-FR", viewport=PHONE, **settings)
    page = context.new_page()
    newcomer = next(person for person in PEOPLE if person.role == "Sans demande")
    page.goto(f"{portal.url}/m-gestion/demande/")
    log_in(page, newcomer.mailbox, DEMO_PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Demander un accès à M-Gestion")
    return page


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.req("S43")
def test_the_answer_comes_while_the_siret_is_typed_and_fills_the_form_by_keyboard(
    browser: Browser, portal: Portal
) -> None:
    page = _form(browser, portal)
    siret = page.get_by_label("SIRET", exact=False).first
    siret.press_sequentially("73282932000090")
    said = page.get_by_role("status").filter(has_text="GARAGE D'ESSAI")
    expect(said).to_contain_text("Fermé depuis le dimanche 30 juin 2024")
    siret.fill("99990100200017")
    stopped = page.get_by_text("M-Gestion n’accepte pas les demandes des cabinets comptables").first
    expect(stopped).to_be_visible()
    no_fault(page)
    siret.fill("73282932000074")
    choose = page.get_by_role("button", name="C’est bien mon établissement")
    choose.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-chosen]")).to_be_focused()
    expect(page.get_by_label("Raison sociale")).to_have_value("GARAGE D'ESSAI (FICTIF)")
    expect(page.get_by_label("Département de l’établissement")).to_have_value("75")
    page.get_by_label("Entreprise", exact=True).check()
    expect(page.get_by_label("Branche")).to_have_value("automobile")
    assert _fits(page)
    no_fault(page)
    # Typed since: it stays until the person says otherwise.
    page.get_by_label("Raison sociale").fill("Mon garage")
    siret.fill("73282932000082")
    choose.click()
    expect(page.get_by_label("Raison sociale")).to_have_value("Mon garage")
    page.get_by_role("button", name="Remplacer ma saisie").click()
    expect(page.get_by_label("Raison sociale")).to_have_value("GARAGE D'ESSAI (FICTIF)")
    expect(page.get_by_label("Département de l’établissement")).to_have_value("92")
    # A directory that cannot be reached stops nobody.
    page.route("**/demandes/etablissement/reponse/", lambda route: route.abort())
    siret.fill("99990101000010")
    expect(page.get_by_text("Vérification plus tard")).to_be_visible()
    page.context.close()


def test_without_javascript_the_search_page_leads_back_with_what_was_typed(
    browser: Browser, portal: Portal
) -> None:
    page = _form(browser, portal, java_script_enabled=False)
    page.get_by_label("Téléphone").fill("01 99 00 12 34")
    page.get_by_role("button", name="Chercher par le nom").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Trouver mon établissement")
    page.get_by_label("SIRET, SIREN ou nom").fill("lune")
    page.get_by_label("Département").select_option("44")
    page.get_by_role("button", name="Chercher", exact=True).click()
    expect(page.get_by_text("TRANSPORTS DE LA LUNE")).to_be_visible()
    page.get_by_role("button", name="C’est bien mon établissement").click()
    expect(page.get_by_label("Raison sociale")).to_have_value("TRANSPORTS DE LA LUNE (FICTIF)")
    expect(page.get_by_label("Téléphone")).to_have_value("01 99 00 12 34")
    expect(page.get_by_label("Branche")).to_have_value("transport-routier")
    page.context.close()


def test_the_search_page_has_no_fault(browser: Browser, portal: Portal) -> None:
    page = _form(browser, portal)
    page.get_by_role("button", name="Chercher par le nom").click()
    page.get_by_label("SIRET, SIREN ou nom").fill("garage")
    page.get_by_label("Département").select_option("75")
    expect(page.get_by_role("button", name="C’est bien mon établissement").first).to_be_visible()
    no_fault(page)
    assert _fits(page)
    page.context.close()
