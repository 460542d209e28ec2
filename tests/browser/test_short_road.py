"""What the road costs a person with a phone: the characters they type, the taps they make."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.people import PASSWORD, QUEUE, REVIEWER_IDF, desk_page
from tests.browser.portal import Portal, link_in

pytestmark = pytest.mark.browser
PHONE: Any = {"width": 360, "height": 740}
ADDRESS = "camille.essai@garage-lumiere.example.org"
MOST_CHARACTERS, MOST_TAPS = 190, 26
# The public pages that exist for an act.
WITH_A_BUTTON = ("/cas/login", "/inscription/", "/mot-de-passe/oublie/", "/signalement/")
# The answer comes the same day: the person's session was idle for too long meanwhile.
_THREE_HOURS_LATER = f"""
from datetime import timedelta
from django.contrib.sessions.backends.db import SessionStore
from accounts.entry.models import SessionRecord
for record in SessionRecord.objects.open().filter(user__email={ADDRESS!r}):
    session = SessionStore(record.session_key)
    session["started_at"] -= 3 * 3600
    session["seen_at"] -= 3 * 3600
    session.save()
    record.seen_at -= timedelta(hours=3)
    record.save()
"""


class Hand:
    """One finger on a phone without a password manager. A field is tapped, then typed in, which is
    counted as one key a character; a choice in a list is two taps.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.characters, self.taps = page, 0, 0

    def tap(self, target: Locator) -> None:
        self.taps += 1
        target.click()

    def write(self, label: str, text: str) -> None:
        field = self.page.get_by_label(label, exact=False).first
        expect(field).to_have_value("")
        self.tap(field)
        self.characters += len(text)
        field.fill(text)

    def choose(self, label: str, option: str) -> None:
        self.taps += 2
        self.page.get_by_label(label).select_option(option)

    def follow(self, link: str) -> None:
        """A link in a mail."""
        self.taps += 1
        self.page.goto(link)

    def press(self, name: str) -> None:
        self.tap(self.page.get_by_role("button", name=name, exact=True))


@pytest.mark.req("R10", "R20", "R27", "R33", "R47")
def test_the_road_of_a_company_is_short(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(locale="fr-FR", viewport=PHONE)
    page = context.new_page()
    hand = Hand(page)
    page.goto(f"{portal.url}/app/authenticate/automobile")  # the published link
    hand.tap(page.get_by_role("main").get_by_role("link", name="M’inscrire").first)
    hand.write("Votre adresse e-mail nominative", ADDRESS)
    hand.write("Confirmez votre adresse e-mail", ADDRESS)
    hand.press("Recevoir le lien")
    hand.follow(link_in(portal.sink.wait_for(ADDRESS, "mot de passe"), "/mot-de-passe/"))
    hand.write("Mot de passe", PASSWORD)
    hand.write("Confirmez le mot de passe", PASSWORD)
    hand.tap(page.get_by_label("J’accepte les Conditions Générales d’Utilisation"))
    hand.press("Enregistrer mon mot de passe")
    _log_in_again(hand)

    expect(page.get_by_role("heading", level=1)).to_have_text("Demander un accès à M-Gestion")
    hand.write("Nom", "Essai")
    hand.write("Prénom", "Camille")
    hand.write("Téléphone", "0199001234")
    hand.write("SIRET", "73282932000074")
    hand.press("C’est bien mon établissement")
    hand.choose("Type de profil souhaité", "ENT-GEST")
    hand.tap(page.get_by_label("J’accepte les Conditions Générales d’Utilisation"))
    hand.tap(page.get_by_label("Je déclare disposer des droits"))
    hand.press("Enregistrer")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    hand.tap(dialog.get_by_role("button").last)
    reference = page.url.rstrip("/").rsplit("/", 1)[-1]

    desk = desk_page(browser, portal, REVIEWER_IDF, f"{QUEUE}?q={reference}")
    desk.get_by_role("link", name=reference).click()
    desk.get_by_role("button", name="Accepter et prévenir").click()
    expect(desk.locator("body")).to_contain_text("acceptée")
    portal.run(_THREE_HOURS_LATER)
    hand.follow(link_in(portal.sink.wait_for(ADDRESS, "acceptée"), portal.url))
    _log_in_again(hand)
    expect(page).to_have_url(f"{portal.url}/m-gestion/")
    expect(page.locator("main")).to_contain_text("GARAGE D'ESSAI")
    context.close()
    assert hand.characters <= MOST_CHARACTERS
    assert hand.taps <= MOST_TAPS


def _log_in_again(hand: Hand) -> None:
    """The identifier is known already: it is not typed again."""
    expect(hand.page.locator("[name=username]")).to_have_value(ADDRESS)
    hand.write("Mot de passe", PASSWORD)
    hand.press("Se connecter")


def test_the_first_button_of_a_public_page_is_in_sight_on_a_phone(
    browser: Browser, portal: Portal
) -> None:
    page = browser.new_context(locale="fr-FR", viewport=PHONE).new_page()
    hidden = {}
    for path in WITH_A_BUTTON:
        page.goto(portal.url + path)
        button = page.get_by_role("main").locator(".btn:visible").first
        box = button.bounding_box()
        assert box is not None
        if box["y"] + box["height"] > PHONE["height"]:
            hidden[path] = button.inner_text()
    page.context.close()
    assert hidden == {}
