"""A morning at the desk: ten requests in a row, by mouse and by keyboard."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.people import NATIONAL, VIEWS, desk_page
from tests.browser.portal import Portal

pytestmark = pytest.mark.browser
QUEUE = "/admin/registrations/request/?instructeur=personne"


def _accept(page: Page, reference: str) -> None:
    page.keyboard.press("a")
    expect(page.locator("#approve_role")).to_be_focused()
    # An accounting firm on M-Contributions has a role of its own, proposed already.
    if page.locator("#approve_role option[value=gestionnaire]").count():
        page.select_option("#approve_role", "gestionnaire")
    if page.locator("#approve_reason").is_visible():  # another role than the one asked for
        page.fill("#approve_reason", "Vu au téléphone")
    page.get_by_role("button", name="Accepter et prévenir").press("Enter")
    expect(page.get_by_text(re.compile(f"Demande {reference} acceptée"))).to_be_visible()


def _refuse(page: Page, reference: str) -> None:
    page.keyboard.press("r")
    expect(page.locator("#refuse_refusal")).to_be_focused()
    page.select_option("#refuse_refusal", "siret-identite")
    expect(page.locator("#refuser [data-live=text]")).to_contain_text("avis de situation Insee")
    page.get_by_role("button", name="Envoyer le refus").press("Enter")
    expect(page.get_by_text(f"Demande {reference} refusée")).to_be_visible()


def _ask(page: Page, reference: str) -> None:
    page.keyboard.press("d")
    expect(page.locator("#ask_template")).to_be_focused()
    page.fill("#ask_message", "Bonjour {prenom}, envoyez-nous un extrait Kbis.")
    page.fill("#ask_documents", "Extrait Kbis")
    expect(page.locator("#ask-panel [data-live=text]")).to_contain_text("Extrait Kbis")
    page.get_by_role("button", name="Envoyer la demande", exact=True).press("Enter")
    expect(page.get_by_text("Demande envoyée à")).to_be_visible()


@pytest.mark.req("R44", "S42", "S46")
def test_mixed_requests_are_handled_by_keyboard(browser: Browser, portal: Portal) -> None:
    """Once each; the ten below go by mouse."""
    page = desk_page(browser, portal, NATIONAL, VIEWS)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    handled: set[str] = set()
    for act in (_accept, _refuse, _ask):
        page.goto(f"{portal.url}{QUEUE}")
        link = page.locator("#result_list th a.mono").first
        reference = link.inner_text()
        assert reference not in handled  # what was handled is no longer to be done
        link.press("Enter")
        expect(page.locator(".desk-eyebrow")).to_contain_text(reference)
        expect(page.locator("[data-keys]")).to_have_attribute("data-keys", "on")
        act(page, reference)
        handled.add(reference)
    assert errors == []
    page.context.close()


class _Hand:
    """A reviewer with a mouse: counts what they press, what they type and the pages that load."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = self.keys = self.loads = 0
        page.on("load", self._count_load)

    def _count_load(self, page: Page) -> None:
        self.loads += 1

    def click(self, target: Locator) -> None:
        self.clicks += 1
        target.click()

    def choose(self, name: str, index: int) -> None:
        """In a closed list: one press opens it, one chooses."""
        self.clicks += 2
        self.page.select_option(name, index=index)

    def type(self, words: str) -> None:
        """In the field that has the focus, or gets it when its panel has opened."""
        expect(self.page.locator("input:focus, textarea:focus")).to_have_count(1)
        self.keys += len(words)
        self.page.keyboard.insert_text(words)

    def send(self, words: str, place: str = ".acts") -> None:
        button = self.page.locator(place).get_by_role("button", name=words)
        expect(button).to_be_enabled()
        self.click(button)


def _ten_accept(hand: _Hand) -> None:
    hand.send("Accepter et passer à la suivante")


def _ten_accept_administrator(hand: _Hand) -> None:
    hand.click(hand.page.locator("#approve_evidence"))
    hand.type("Appel au siège ce matin")
    hand.send("Accepter et passer à la suivante")


def _ten_refuse(hand: _Hand) -> None:
    hand.click(hand.page.locator("#refuser > summary"))
    hand.click(hand.page.locator("#refuse_refusal option[value=injoignable]"))
    hand.send("Envoyer et passer", "#refuser")


def _ten_refuse_in_own_words(hand: _Hand) -> None:
    hand.click(hand.page.locator("#refuser > summary"))
    hand.click(hand.page.locator("#refuse_refusal option[value=autre]"))
    hand.click(hand.page.locator("#refuse_text"))
    hand.type("Le mandat joint ne porte pas de date.")
    hand.send("Envoyer et passer", "#refuser")


def _ten_ask(hand: _Hand) -> None:
    hand.click(hand.page.locator("#ask-panel > summary"))
    hand.send("Envoyer et passer", "#ask-panel")


def _ten_reroute(hand: _Hand) -> None:
    hand.click(hand.page.locator("#reroute-panel > summary"))
    hand.choose("#reroute_delegation", 1)
    hand.send("Réorienter et passer à la suivante")


def _ten_assign(hand: _Hand) -> None:
    hand.click(hand.page.locator("#assign-panel > summary"))
    hand.choose("#assign_to", 1)
    hand.send("Attribuer et passer à la suivante")


def _ten_note(hand: _Hand) -> None:
    hand.click(hand.page.locator("#note-panel > summary"))
    hand.type("Vu au téléphone")
    hand.send("Enregistrer et passer à la suivante")


@pytest.mark.req("R44", "S46")
def test_ten_mixed_requests_take_28_clicks_and_14_pages(browser: Browser, portal: Portal) -> None:
    page = desk_page(browser, portal, NATIONAL, QUEUE, viewport={"width": 1440, "height": 900})
    first = page.locator("#result_list th a.mono").first
    expect(first).to_be_visible()
    hand = _Hand(page)
    accepts = {
        "gestionnaire": [_ten_accept] * 2,
        "administrateur": [_ten_accept_administrator] * 2,
    }
    others = [
        *(_ten_refuse, _ten_refuse_in_own_words, _ten_assign, _ten_ask, _ten_reroute, _ten_note),
    ]
    hand.click(first)
    for _ in range(10):
        expect(page.locator("[data-keys]")).to_have_attribute("data-keys", "on")
        reference = page.locator(".desk-eyebrow .mono").inner_text()
        role = page.locator("#approve_role").input_value()
        # Which of the demo's requests are the ten most urgent depends on the hour and the day.
        fitting = accepts.get(role) or others or next(filter(None, accepts.values()))
        act = fitting[0]
        if act is _ten_assign and page.locator("#assign_to option").count() == 1:
            act = fitting[-1]  # nobody else reviews for that délégation
        fitting.remove(act)
        if act in (_ten_accept, _ten_accept_administrator):
            act = _ten_accept_administrator if role == "administrateur" else _ten_accept
        act(hand)
        expect(page.locator(".desk-eyebrow .mono")).not_to_have_text(reference)
    assert not any(accepts.values()) and not others
    counted = {"clicks": hand.clicks, "loads": hand.loads, "keys": hand.keys}
    assert hand.clicks <= 28 and hand.loads <= 14 and hand.keys <= 150, counted
    page.context.close()
