"""In Chromium: a document is asked for by keyboard and sent, two agents meet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from registrations.demo.requests import PASSWORD as DEMO_PASSWORD
from tests.browser.axe import no_fault
from tests.browser.people import NATIONAL, QUEUE, REVIEWER_IDF, VIEWS, desk_page, log_in
from tests.browser.portal import Portal
from tests.registrations import papers

pytestmark = pytest.mark.browser
LEA = "lea.fictive@garage-lumiere.example.org"


@pytest.fixture
def national(browser: Browser, portal: Portal) -> Iterator[Page]:
    page = desk_page(browser, portal, NATIONAL, VIEWS)
    yield page
    page.context.close()


def _open(page: Page, portal: Portal, siret: str) -> str:
    page.goto(f"{portal.url}{QUEUE}?q={siret}")
    link = page.locator("#result_list th a.mono").first
    reference = link.inner_text()
    link.click()
    expect(page.locator(".desk-eyebrow")).to_contain_text(reference)
    expect(page.locator("[data-keys]")).to_have_attribute("data-keys", "on")  # the script has run
    return reference


@pytest.mark.req("R109", "D45", "S42", "S43", "S44")
def test_a_document_is_asked_for_by_keyboard_and_sent(
    browser: Browser, portal: Portal, national: Page, tmp_path: Path
) -> None:
    reference = _open(national, portal, "99990001200017")
    national.keyboard.press("d")
    expect(national.locator("#ask_template")).to_be_focused()
    no_fault(national)
    national.fill("#ask_message", "Bonjour {prenom}, votre Kbis s’il vous plaît.")
    national.fill("#ask_documents", "Extrait Kbis")
    mail = national.locator("#ask-panel [data-live=text]")
    expect(mail).to_contain_text("Bonjour Léa, votre Kbis")
    # What was typed last is in the mail too: its button does nothing before.
    expect(mail).to_contain_text("Extrait Kbis")
    no_fault(national)
    national.get_by_role("button", name="Envoyer la demande", exact=True).press("Enter")
    expect(national.get_by_text("Demande envoyée à")).to_be_visible()
    expect(national.get_by_role("heading", name="Documents et réponses")).to_be_visible()
    no_fault(national)

    context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris")
    page = context.new_page()
    page.goto(f"{portal.url}/demandes/{reference}/")
    log_in(page, LEA, DEMO_PASSWORD)
    expect(page.get_by_role("heading", name="Nous attendons votre réponse")).to_be_visible()
    expect(page.get_by_text("Bonjour Léa, votre Kbis").first).to_be_visible()
    no_fault(page)
    bad, good = tmp_path / "kbis.pdf", tmp_path / "Kbis de Léa.pdf"
    bad.write_bytes(papers.HTML)
    good.write_bytes(papers.pdf())
    page.set_input_files("[name=documents]", bad)
    page.get_by_role("button", name="Envoyer ma réponse").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("n’est ni un PDF")
    assert page.title().startswith("Erreur")
    no_fault(page)
    page.fill("[name=text]", "Le voici.")
    page.set_input_files("[name=documents]", good)
    page.get_by_role("button", name="Envoyer ma réponse").click()
    expect(page.get_by_text("Votre réponse est envoyée")).to_be_visible()
    expect(page.get_by_role("link", name="Télécharger Kbis de Léa.pdf")).to_be_visible()
    no_fault(page)
    context.close()

    national.reload()
    with national.expect_download() as waited:
        national.get_by_role("link", name="Télécharger Kbis de Léa.pdf").click()
    assert waited.value.suggested_filename == "Kbis de Léa.pdf"
    assert Path(waited.value.path()).read_bytes() == papers.pdf()
    national.get_by_role("link", name="Voir Kbis de Léa.pdf").click()
    drawn = national.get_by_role("img", name="Page 1 de Kbis de Léa.pdf")
    expect(drawn).to_have_js_property("naturalWidth", 1100)
    no_fault(national)


@pytest.mark.req("S42")
def test_the_shortcuts_are_listed_and_do_not_play_while_one_writes(
    national: Page, portal: Portal
) -> None:
    errors: list[str] = []
    national.on("console", lambda message: errors.append(message.text))
    _open(national, portal, "99990003800012")
    national.keyboard.press("?")
    dialog = national.get_by_role("dialog", name="Raccourcis clavier")
    expect(dialog).to_be_visible()
    no_fault(national)
    national.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    national.keyboard.press("n")
    expect(national.locator("#note_text")).to_be_focused()
    national.keyboard.type("jk?ard")
    assert national.input_value("#note_text") == "jk?ard"
    national.locator("h1").click()
    national.keyboard.press("r")
    expect(national.locator("#refuse_refusal")).to_be_focused()
    national.locator("h1").click()
    national.keyboard.press("f")
    expect(national.get_by_role("heading", level=1)).to_have_text("Demandes d’accès")
    assert errors == []


@pytest.mark.req("S23")
def test_the_second_agent_is_told_who_is_on_the_request(
    browser: Browser, portal: Portal, national: Page
) -> None:
    _open(national, portal, "99990002000010")
    other = desk_page(browser, portal, REVIEWER_IDF, VIEWS)
    _open(other, portal, "99990002000010")
    expect(other.get_by_role("status").first).to_contain_text("Aussi sur cette demande")
    other.context.close()


@pytest.mark.req("S43")
def test_the_acts_are_not_scrolled_sideways(national: Page, portal: Portal) -> None:
    national.set_viewport_size({"width": 320, "height": 900})
    _open(national, portal, "99990003800012")
    summaries = national.locator(".acts details.panel > summary")
    assert summaries.count() >= 4
    for number in range(summaries.count()):
        summaries.nth(number).click()
    for width in (320, 800):
        national.set_viewport_size({"width": width, "height": 900})
        assert national.evaluate("document.documentElement.scrollWidth") <= width
