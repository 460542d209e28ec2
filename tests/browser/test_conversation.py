"""In Chromium: the applicant writes with a file, the agent answers, the applicant reads."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, expect

from registrations.demo.requests import PASSWORD as DEMO_PASSWORD
from tests.browser.axe import no_fault
from tests.browser.people import NATIONAL, QUEUE, desk_page, log_in
from tests.browser.portal import Portal
from tests.registrations import papers

pytestmark = pytest.mark.browser
LEA = "lea.fictive@garage-lumiere.example.org"


def test_a_request_is_a_conversation(browser: Browser, portal: Portal, tmp_path: Path) -> None:
    paper = tmp_path / "pouvoir.pdf"
    paper.write_bytes(papers.pdf())
    context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris")
    page = context.new_page()
    page.goto(f"{portal.url}/services/")
    log_in(page, LEA, DEMO_PASSWORD)
    page.get_by_role("link", name="Suivre ma demande").click()
    page.get_by_text("Écrire un message ou joindre un document").click()
    page.get_by_label("Votre message").fill("Voici mon pouvoir.\nÀ bientôt.")
    page.set_input_files("[name=attachments]", paper)
    no_fault(page)
    page.get_by_role("button", name="Envoyer mon message").click()
    expect(page.get_by_text("Votre message est envoyé")).to_be_visible()
    mine = page.locator(".exchange__entry").last
    expect(mine).to_contain_text("Voici mon pouvoir.")
    expect(mine).to_contain_text("pouvoir.pdf")

    found = f"{QUEUE}?statut=reponse-recue&q=99990001200017"
    desk = desk_page(browser, portal, NATIONAL, found)
    desk.locator("#result_list th a.mono").first.click()
    panel = desk.locator("#echanges")
    expect(panel).to_contain_text("Voici mon pouvoir.")
    expect(panel.get_by_role("link", name="Voir pouvoir.pdf")).to_be_visible()
    no_fault(desk)
    panel.get_by_label("Votre message à la personne").fill("Merci, tout y est.")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    desk.once("dialog", stay)
    desk.get_by_role("button", name="Marquer comme lu").click()  # would lose the message
    assert "Votre message à la personne" in asked[0]
    expect(panel.get_by_label("Votre message à la personne")).to_be_focused()
    expect(panel.get_by_label("Réponse attendue jusqu’au")).to_be_hidden()
    panel.get_by_role("button", name="Envoyer le message").click()
    expect(desk.get_by_text("Le délai ne change pas")).to_be_visible()
    expect(panel).not_to_contain_text("Réponse reçue")
    desk.context.close()

    page.goto(f"{portal.url}/services/")
    page.get_by_role("link", name="Lire le message").click()
    expect(page.locator(".exchange__entry").last).to_contain_text("Merci, tout y est.")
    no_fault(page)
    page.get_by_role("button", name="J’ai lu, rien à répondre").click()
    expect(page.get_by_text("vous avez lu les messages")).to_be_visible()
    expect(page.get_by_text("Nouveau", exact=True)).to_be_hidden()
    context.close()
