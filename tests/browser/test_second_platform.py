"""The demo's second platform in a browser: in without a password, out with the portal's logout."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from registrations.demo.requests import PASSWORD as DEMO_PASSWORD
from tests.browser.axe import no_fault
from tests.browser.people import NATIONAL, desk_page, log_in
from tests.browser.portal import Portal, running_platform

pytestmark = pytest.mark.browser
ADA, CLAIRE = "ada.fictive@cycles-orion.example.org", "claire.exemple@cycles-orion.example.org"


@pytest.fixture(scope="module")
def platform(portal: Portal) -> Iterator[str]:
    with running_platform(portal) as url:
        yield url


def act_on_account(desk: Page, portal: Portal, act: str) -> None:
    desk.goto(f"{portal.url}/admin/accounts/user/?q={ADA}")
    desk.get_by_role("link", name=ADA).first.click()
    desk.get_by_role("link", name=act, exact=True).click()
    desk.select_option("[name=reason]", "other")
    desk.get_by_role("button", name=act).click()
    expect(desk.get_by_role("main")).to_contain_text("Compte ")


@pytest.mark.req("R1", "R8", "R60", "R86", "R90", "D36", "S21")
def test_one_login_opens_it_and_what_staff_and_the_portal_end_reaches_it(
    browser: Browser, portal: Portal, platform: str
) -> None:
    context = browser.new_context(locale="fr-FR", viewport={"width": 360, "height": 740})
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.goto(f"{portal.url}/services/")
    log_in(page, ADA, DEMO_PASSWORD)
    page.get_by_role("link", name="Ouvrir M-Campus Entreprise").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous voici sur M-Campus")
    assert page.url == f"{platform}/"
    expect(page.get_by_role("main")).to_contain_text("Aucun mot de passe ne vous a été demandé")
    expect(page.get_by_role("main")).to_contain_text(ADA)
    expect(page.get_by_role("main")).to_contain_text("Gestionnaire")
    expect(page.get_by_role("main")).to_contain_text("Cycles Orion")
    no_fault(page)

    elsewhere = context.new_page()
    elsewhere.goto(f"{portal.url}/cas/logout")
    expect(page.get_by_role("heading", level=1)).to_have_text("Session fermée par le portail")
    expect(page.get_by_role("main")).to_contain_text("Déconnexion unique")
    no_fault(page)

    page.get_by_role("link", name="Entrer de nouveau").click()
    log_in(page, ADA, DEMO_PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous voici sur M-Campus")
    desk = desk_page(browser, portal, NATIONAL)
    # The account is closed for now: told by the feed, within seconds, while its page stays open.
    act_on_account(desk, portal, "Désactiver le compte")
    expect(page.get_by_role("heading", level=1)).to_have_text("Session fermée par le portail")
    expect(page.get_by_role("main")).to_contain_text("Compte fermé pour l’instant")
    act_on_account(desk, portal, "Réactiver le compte")
    page.get_by_role("link", name="Entrer de nouveau").click()
    log_in(page, ADA, DEMO_PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous voici sur M-Campus")
    expect(page.get_by_role("main")).to_contain_text("Compte rouvert")
    desk.goto(f"{portal.url}/admin/habilitations/access/?q=ada.fictive")
    desk.get_by_role("row", name="M-Campus").get_by_role("link").first.click()
    desk.select_option("[name=end]", "asked")
    desk.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(desk.get_by_role("main")).to_contain_text("Accès terminé")
    expect(page.get_by_role("heading", level=1)).to_have_text("Session fermée par le portail")
    expect(page.get_by_role("main")).to_contain_text("Accès terminé")
    assert not refused
