"""The whole road in a real browser, on real processes, with real mails."""

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.people import (
    REVIEWER_ARA,
    REVIEWER_IDF,
    fill_person,
    log_in,
    send_request,
    sign_up,
)
from tests.browser.portal import Portal, text_of

pytestmark = pytest.mark.browser


def _page(browser: Browser, *, width: int = 1280, height: int = 800) -> Page:
    viewport: ViewportSize = {"width": width, "height": height}
    return browser.new_context(locale="fr-FR", viewport=viewport).new_page()


def _open_request(desk: Page, portal: Portal, reference: str, email: str, password: str) -> None:
    desk.goto(f"{portal.url}/admin/")
    log_in(desk, email, password)
    desk.goto(f"{portal.url}/admin/registrations/request/?q={reference}")
    desk.get_by_role("link", name=reference).click()


@pytest.mark.req("R1", "R10", "R18", "R20", "R27", "R28", "R33", "R42", "R43", "R45", "R47")
def test_a_company_employee_signs_up_asks_is_accepted_and_lands_on_the_dashboard(
    browser: Browser, portal: Portal
) -> None:
    address = "camille.essai@garage-lumiere.example.org"
    person = _page(browser)
    sign_up(person, portal, address, start="/app/authenticate/automobile")
    log_in(person, address)
    expect(person).to_have_url(f"{portal.url}/m-gestion/demande/?branche=automobile")
    expect(person.get_by_label("Adresse e-mail")).to_have_value(address)
    person.check("[name=kind][value=entreprise]")
    fill_person(person, company="Garage Lumière")
    person.select_option("[name=department]", "75")
    person.select_option("[name=branch]", "automobile")
    person.select_option("[name=profile]", "ENT-GEST")
    reference = send_request(person)
    acknowledgment = text_of(portal.sink.wait_for(address, "enregistrée"))
    assert reference in acknowledgment
    assert reference in text_of(portal.sink.wait_for("delegation-idf@example.org", reference))

    desk = _page(browser)
    _open_request(desk, portal, reference, REVIEWER_IDF.email, REVIEWER_IDF.password)
    expect(desk.locator("body")).to_contain_text("Garage Lumière")
    desk.get_by_role("button", name="Accepter et prévenir").click()
    expect(desk.locator("body")).to_contain_text("acceptée")
    portal.sink.wait_for(address, "acceptée")

    person.context.clear_cookies()
    person.goto(portal.url)
    log_in(person, address)
    expect(person).to_have_url(f"{portal.url}/m-gestion/")
    expect(person.locator("main")).to_contain_text("Gestionnaire")
    expect(person.locator("main")).to_contain_text("732 829 320 00074")
    expect(person.locator("main")).to_contain_text("Île-de-France")


@pytest.mark.req("R34", "R39", "R45", "D11")
def test_a_training_centre_is_refused_corrects_and_sends_again(
    browser: Browser, portal: Portal
) -> None:
    address = "dominique.essai@cfa-horizon.example.org"
    person = _page(browser, width=360, height=740)
    sign_up(person, portal, address)
    log_in(person, address)
    person.check("[name=kind][value=cfa]")
    expect(person.locator("[name=branch]")).to_be_hidden()
    fill_person(person, company="CFA Horison", siret="851 240 499 00018")
    person.select_option("[name=department]", "69")
    reference = send_request(person)
    portal.sink.wait_for(address, "enregistrée")

    desk = _page(browser)
    _open_request(desk, portal, reference, REVIEWER_ARA.email, REVIEWER_ARA.password)
    desk.get_by_role("heading", name="Refuser").click()
    desk.select_option("[name=refusal]", "siret-identite")
    desk.fill("#refuse_text", "La raison sociale ne correspond pas au SIRET. Merci de la corriger.")
    expect(desk.locator("#refuser [data-live=text]")).to_contain_text("ne correspond pas au SIRET")
    previewed = desk.locator("#refuser [data-live=text]").inner_text()
    desk.get_by_role("button", name="Envoyer le refus").click()
    expect(desk.locator("body")).to_contain_text("refusée")
    sent = text_of(portal.sink.wait_for(address, "n’est pas acceptée"))
    assert " ".join(previewed.split()) == " ".join(sent.split())

    person.reload()
    expect(person.locator("main")).to_contain_text("ne correspond pas au SIRET")
    person.get_by_role("link", name="Corriger et renvoyer").first.click()
    person.fill("[name=company_name]", "CFA Horizon")
    second = send_request(person)
    assert second != reference
    expect(person.locator("main")).to_contain_text("CFA Horizon")
