"""A morning at the desk: ten requests in a row, by mouse and by keyboard."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.people import NATIONAL, log_in
from tests.browser.portal import Portal

pytestmark = pytest.mark.browser
QUEUE = "/admin/registrations/request/?instructeur=personne"
TEN = ("accept", "refuse", "ask", "accept", "refuse", "ask", "accept", "refuse", "ask", "accept")


def _press(button: Locator, *, keys: bool) -> None:
    if keys:
        button.press("Enter")
    else:
        button.click()


def _accept(page: Page, reference: str, *, keys: bool) -> None:
    if keys:
        page.keyboard.press("a")
        expect(page.locator("#approve_role")).to_be_focused()
    # An accounting firm on M-Contributions has a role of its own, proposed already.
    if page.locator("#approve_role option[value=gestionnaire]").count():
        page.select_option("#approve_role", "gestionnaire")
    if page.locator("#approve_reason").is_visible():  # another role than the one asked for
        page.fill("#approve_reason", "Vu au téléphone")
    _press(page.get_by_role("button", name="Accepter et prévenir"), keys=keys)
    expect(page.get_by_text(re.compile(f"Demande {reference} acceptée"))).to_be_visible()


def _refuse(page: Page, reference: str, *, keys: bool) -> None:
    if keys:
        page.keyboard.press("r")
        expect(page.locator("#refuse_refusal")).to_be_focused()
    else:
        page.locator("#refuser > summary").click()
    page.select_option("#refuse_refusal", "siret-identite")
    expect(page.locator("#refuser [data-live=text]")).to_contain_text("avis de situation Insee")
    _press(page.get_by_role("button", name="Envoyer le refus"), keys=keys)
    expect(page.get_by_text(f"Demande {reference} refusée")).to_be_visible()


def _ask(page: Page, reference: str, *, keys: bool) -> None:
    if keys:
        page.keyboard.press("d")
        expect(page.locator("#ask_template")).to_be_focused()
    else:
        page.locator("#ask-panel > summary").click()
    page.fill("#ask_message", "Bonjour {prenom}, envoyez-nous un extrait Kbis.")
    page.fill("#ask_documents", "Extrait Kbis")
    expect(page.locator("#ask-panel [data-live=text]")).to_contain_text("Extrait Kbis")
    _press(page.get_by_role("button", name="Envoyer la demande", exact=True), keys=keys)
    expect(page.get_by_text("Demande envoyée à")).to_be_visible()


ACTS = {"accept": _accept, "refuse": _refuse, "ask": _ask}


@pytest.mark.req("R44", "S42", "S46")
def test_ten_mixed_requests_are_handled_by_mouse_and_by_keyboard(
    browser: Browser, portal: Portal
) -> None:
    context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris")
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.goto(f"{portal.url}{QUEUE}")
    log_in(page, NATIONAL.email, NATIONAL.password)
    handled: set[str] = set()
    for number, act in enumerate(TEN):
        page.goto(f"{portal.url}{QUEUE}")
        link = page.locator("#result_list th a.mono").first
        reference = link.inner_text()
        assert reference not in handled  # what was handled is no longer to be done
        keys = number % 2 == 1
        _press(link, keys=keys)
        expect(page.locator(".desk-eyebrow")).to_contain_text(reference)
        expect(page.locator("[data-keys]")).to_have_attribute("data-keys", "on")
        ACTS[act](page, reference, keys=keys)
        handled.add(reference)
    assert len(handled) == 10
    assert errors == []
    context.close()
