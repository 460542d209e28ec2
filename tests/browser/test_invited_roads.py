"""From the mail of an invitation to the dashboard of M-Gestion, and to a ticket of M-GEPP."""

import pytest
from playwright.sync_api import Browser, Page, expect

from registrations.demo.requests import PASSWORD as DEMO_PASSWORD
from tests.browser.axe import no_fault
from tests.browser.people import NATIONAL, PASSWORD, QUEUE, desk_page, log_in
from tests.browser.portal import Portal, link_in, text_of
from tests.browser.test_platform_roads import REGISTER, relying_party

pytestmark = pytest.mark.browser


def _open_page(browser: Browser, width: int = 1280) -> Page:
    return browser.new_context(locale="fr-FR", viewport={"width": width, "height": 800}).new_page()


def _invite(browser: Browser, portal: Portal, administrator: str, address: str, role: str) -> str:
    """The link that the mail brings."""
    page = _open_page(browser)
    page.goto(f"{portal.url}/cas/login?next=/m-gestion/utilisateurs/")
    log_in(page, administrator, DEMO_PASSWORD)
    page.get_by_role("link", name="Inviter un collègue").click()
    no_fault(page)
    page.fill("[name=email]", address)
    page.select_option("[name=offer]", role)
    page.get_by_role("button", name="Envoyer l’invitation").click()
    expect(page.get_by_role("button", name=f"Renvoyer : {address}")).to_be_visible()
    no_fault(page)
    mail = portal.sink.wait_for(address, "Invitation de")
    assert "inclus (heure de Paris)" in text_of(mail)
    return link_in(mail, "/invitation/")


def _answer(page: Page, portal: Portal, link: str) -> str:
    """A password from the link alone, a login, the request; its reference."""
    page.goto(link)
    no_fault(page)
    page.get_by_role("link", name="Créer mon compte").click()
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.check("[name=terms]")
    page.get_by_role("button", name="Enregistrer mon mot de passe").click()
    expect(page.get_by_role("heading", name="Vous avez déjà un compte ?")).to_be_visible()
    page.fill("[name=password]", PASSWORD)  # the address is there already
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_url("**/m-gestion/invitation/**")
    no_fault(page)
    page.fill("[name=last_name]", "Essai")
    page.fill("[name=first_name]", "Camille")
    page.fill("[name=phone]", "01 99 00 12 34")
    page.check("[name=accept_terms]")
    page.check("[name=declaration]")
    page.get_by_role("button", name="Envoyer ma demande").click()
    page.wait_for_url(f"{portal.url}/demandes/**")
    return page.url.partition("/demandes/")[2].strip("/")


def _accept_jointly(browser: Browser, portal: Portal, reference: str) -> None:
    desk = desk_page(browser, portal, NATIONAL, f"{QUEUE}?origine=invitation")
    desk.get_by_role("checkbox", name=f"Cocher {reference}").check()
    desk.get_by_role("button", name="Accepter sur invitation").click()
    expect(desk.locator("#content-main")).to_contain_text("Rien n’est encore fait")
    desk.get_by_role("button", name="Accepter 1 demande").click()
    expect(desk.locator("#content-main")).to_contain_text("1 demande traitée")


@pytest.mark.req("D69", "R46", "R47", "S25")
def test_an_invited_colleague_goes_from_the_mail_to_the_dashboard(
    browser: Browser, portal: Portal
) -> None:
    address = "camille.essai@cycles-orion.example.org"
    administrator = "ada.fictive@cycles-orion.example.org"
    link = _invite(browser, portal, administrator, address, "m-gestion-entreprise:ENT-GEST")
    person = _open_page(browser, 360)
    reference = _answer(person, portal, link)
    _accept_jointly(browser, portal, reference)
    portal.sink.wait_for(address, "acceptée")
    person.goto(f"{portal.url}/m-gestion/")
    expect(person.locator("main")).to_contain_text("Gestionnaire")
    expect(person.locator("main")).to_contain_text("999 900 053 00011")


@pytest.mark.req("R61", "D69", "R8", "R57", "R77")
def test_a_consultant_invited_by_the_hr_firm_enters_m_gepp_with_a_ticket(
    browser: Browser, portal: Portal
) -> None:
    address = "camille.essai@cabinet-sillage.example.org"
    administrator = "elsa.imaginaire@cabinet-sillage.example.org"
    with relying_party(portal) as mgepp:
        portal.run(REGISTER.format(code="m-gepp-solution", url=mgepp))
        link = _invite(browser, portal, administrator, address, "m-gepp-solution:RH-CONS")
        person = _open_page(browser)
        reference = _answer(person, portal, link)
        _accept_jointly(browser, portal, reference)
        portal.sink.wait_for(address, "M-GEPP")
        person.goto(f"{mgepp}/entree")
        expect(person.locator("body")).to_contain_text("authenticationSuccess")
        expect(person.locator("body")).to_contain_text("consultant")
        expect(person.locator("body")).to_contain_text("99990018600019")
