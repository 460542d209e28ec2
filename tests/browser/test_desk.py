"""The review desk in Chromium: by keyboard, without JavaScript, and under axe."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import no_fault
from tests.browser.people import AUDITOR, NATIONAL, REVIEWER_ARA, desk_page
from tests.browser.portal import Portal, text_of

pytestmark = pytest.mark.browser
QUEUE = "/admin/registrations/request/"


@pytest.fixture
def desk(browser: Browser, portal: Portal) -> Iterator[Page]:
    page = desk_page(browser, portal, NATIONAL)
    yield page
    page.context.close()


def _open_first(page: Page) -> str:
    link = page.locator("#result_list th a.mono").first
    reference = link.inner_text()
    link.click()
    expect(page.locator(".desk-eyebrow")).to_contain_text(reference)
    return reference


def _open_companys(page: Page, portal: Portal) -> None:
    """A company's open request whose profile gives the role « Gestionnaire »."""
    page.goto(f"{portal.url}{QUEUE}?q=99990001200017&statut=a-traiter")
    _open_first(page)


@pytest.mark.req("S42", "S43", "S44", "S47")
def test_axe_finds_nothing_on_the_desk(desk: Page, portal: Portal) -> None:
    errors: list[str] = []
    desk.on("console", lambda message: errors.append(message.text))
    no_fault(desk)
    _open_first(desk)
    desk.get_by_role("heading", name="Refuser").click()
    desk.select_option("#approve_role", "administrateur")
    no_fault(desk)
    desk.select_option("#refuse_refusal", index=1)
    expect(desk.get_by_role("heading", name="L’e-mail qui va partir")).to_be_visible()
    no_fault(desk)
    desk.goto(f"{portal.url}/admin/")
    no_fault(desk)
    assert errors == []  # the content security policy blocks nothing of ours


@pytest.mark.req("S43")
def test_nothing_is_scrolled_sideways(desk: Page) -> None:
    def reflow(*widths: int) -> None:
        for width in widths:
            desk.set_viewport_size({"width": width, "height": 800})
            assert desk.evaluate("document.documentElement.scrollWidth") <= width

    reflow(800, 320)
    desk.locator("#result_list th a.mono").first.click()
    expect(desk.get_by_role("heading", name="La demande", exact=True)).to_be_visible()
    reflow(320, 800)
    desk.go_back()  # drawn anew, at this width
    expect(desk.locator("#result_list")).to_be_visible()
    reflow(800, 320)


@pytest.mark.req("D11", "S46")
def test_the_text_follows_the_reason_until_the_reviewer_writes_his_own(desk: Page) -> None:
    _open_first(desk)
    desk.get_by_role("heading", name="Refuser").click()
    desk.select_option("#refuse_refusal", "siret-identite")
    first = desk.input_value("#refuse_text")
    assert "avis de situation Insee" in first
    expect(desk.locator("[data-resubmit-note]")).to_be_hidden()
    desk.select_option("#refuse_refusal", "cabinet-comptable")
    assert desk.input_value("#refuse_text") not in ("", first)
    expect(desk.locator("[data-resubmit-note]")).to_be_visible()
    desk.fill("#refuse_text", "Mon texte")
    desk.select_option("#refuse_refusal", "siret-identite")
    assert desk.input_value("#refuse_text") == "Mon texte"


@pytest.mark.req("D11", "S46")
def test_a_refusal_takes_three_presses_and_shows_the_mail_that_leaves(
    desk: Page, portal: Portal
) -> None:
    reference = _open_first(desk)
    desk.locator("#refuser > summary").click()
    expect(desk.locator("#refuse_refusal")).to_be_focused()
    send = desk.get_by_role("button", name="Envoyer le refus")
    letter = desk.locator("#refuser [data-live=text]")
    # « Autre motif » has no mail before the reviewer has written: one press sends nothing.
    desk.locator("#refuse_refusal option[value=autre]").click()
    expect(desk.locator("#refuser [data-live-said]")).to_contain_text("expliquez le refus")
    send.click(force=True)  # it is said to be disabled
    expect(letter).to_be_hidden()
    desk.fill("#refuse_text", "Le mandat joint ne porte pas de date.")
    expect(letter).to_contain_text("Le mandat joint ne porte pas de date.")
    desk.fill("#refuse_text", "")
    desk.locator("#refuse_refusal option[value=injoignable]").click()
    expect(letter).to_contain_text("Personne injoignable")
    said = letter.inner_text()
    send.click()
    expect(desk.get_by_text(f"Demande {reference} refusée")).to_be_visible()
    person = desk.locator("a[href^='mailto:']").first.inner_text()
    sent = text_of(portal.sink.wait_for(person, "n’est pas acceptée"))
    assert " ".join(sent.split()) == " ".join(said.split())


@pytest.mark.req("D59", "S45")
def test_what_a_role_asks_for_appears_with_it_and_the_error_takes_the_focus(
    desk: Page, portal: Portal
) -> None:
    _open_companys(desk, portal)
    expect(desk.locator("#approve_reason")).to_be_hidden()
    desk.select_option("#approve_role", "administrateur")
    expect(desk.locator("#approve_reason")).to_be_visible()
    expect(desk.locator("#approve_evidence")).to_be_visible()
    desk.fill("#approve_reason", "Gérante")
    desk.get_by_role("button", name="Accepter et prévenir").click()
    expect(desk.get_by_role("alert")).to_be_focused()
    expect(desk.get_by_role("alert")).to_contain_text("indiquez ce qui montre")
    assert desk.title().startswith("Erreur")
    assert desk.input_value("#approve_reason") == "Gérante"


@pytest.mark.req("S42", "S46")
def test_a_request_is_taken_and_refused_by_keyboard_without_javascript(
    browser: Browser, portal: Portal
) -> None:
    path = f"{QUEUE}?instructeur=personne&delegation=ARA"
    page = desk_page(browser, portal, REVIEWER_ARA, path, java_script_enabled=False)
    reference = _open_first(page)
    page.get_by_role("button", name="Prendre en charge").press("Enter")
    expect(page.get_by_text("Vous avez pris en charge")).to_be_visible()
    page.locator("#refuser > summary").press("Enter")
    page.get_by_label("Motif du refus").select_option("siret-identite")
    page.get_by_role("button", name="Prévisualiser l’e-mail").press("Enter")
    # Nothing filled the box: the reason's text comes back to be read before it is previewed.
    expect(page.get_by_role("alert")).to_contain_text("Le texte était vide")
    page.get_by_role("button", name="Prévisualiser l’e-mail").press("Enter")
    expect(page.get_by_role("heading", name="L’e-mail qui va partir")).to_be_visible()
    page.get_by_role("button", name="Modifier").press("Enter")
    expect(page.locator("#refuse_refusal")).to_be_focused()
    page.get_by_role("button", name="Prévisualiser l’e-mail").press("Enter")
    expect(page.locator("[data-preview=text]")).to_contain_text("avis de situation Insee")
    page.get_by_role("button", name="Envoyer le refus").press("Enter")
    expect(page.get_by_text(f"Demande {reference} refusée. L’e-mail")).to_be_visible()
    expect(page.get_by_role("heading", name="Demande refusée", exact=True)).to_be_visible()
    page.context.close()


def test_the_acts_on_several_requests_come_with_the_first_tick(desk: Page) -> None:
    bar = desk.get_by_role("form", name="Agir sur les demandes cochées")
    expect(bar).to_be_hidden()
    desk.locator("#tick-2").focus()
    desk.keyboard.press("Space")
    expect(bar).to_be_visible()
    expect(bar).to_be_in_viewport()
    expect(bar).to_contain_text("1 demande cochée")
    no_fault(desk)
    desk.locator("#bulk-all").check()
    expect(bar).to_contain_text("50 demandes cochées")
    desk.locator("#bulk-all").uncheck()
    expect(bar).to_be_hidden()
    # As after « Back »: the browser has ticked the boxes again by itself.
    desk.evaluate(
        "document.getElementById('tick-2').checked = true;"
        "window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
    )
    expect(bar).to_be_visible()
    desk.locator("#tick-2").uncheck()


def test_the_list_has_keys_that_send_nothing(desk: Page) -> None:
    rows = desk.locator("#result_list tbody th a")
    desk.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    desk.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    desk.keyboard.press("x")
    expect(desk.locator("#tick-2")).to_be_checked()
    desk.keyboard.press("x")
    desk.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    desk.keyboard.press("/")
    expect(desk.locator("#searchbar")).to_be_focused()
    desk.keyboard.type("j/x?")
    expect(desk.locator("#searchbar")).to_have_value("j/x?")
    desk.locator("h1").click()
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Raccourcis clavier")).to_be_visible()
    no_fault(desk)


@pytest.mark.req("S12")
def test_the_auditor_is_told_that_he_only_reads(browser: Browser, portal: Portal) -> None:
    page = desk_page(browser, portal, AUDITOR)
    _open_first(page)
    expect(page.get_by_role("heading", name="Lecture seule")).to_be_visible()
    expect(page.get_by_role("button", name="Accepter et prévenir")).to_have_count(0)
    page.context.close()


def test_slash_goes_to_the_search_of_the_header_and_a_reference_opens_its_request(
    desk: Page, portal: Portal
) -> None:
    reference = desk.locator("#result_list th a.mono").first.inner_text()
    desk.goto(f"{portal.url}/admin/")
    desk.keyboard.press("/")
    desk.keyboard.type("zoé")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Recherche : « zoé »")
    no_fault(desk)
    desk.keyboard.press("/")
    desk.keyboard.type(reference)
    desk.keyboard.press("Enter")
    expect(desk.locator(".desk-eyebrow")).to_contain_text(reference)
    # The queue has a search of its own, and the key is that one's.
    desk.goto(f"{portal.url}{QUEUE}")
    desk.keyboard.press("/")
    expect(desk.locator("#searchbar")).to_be_focused()
