"""What people do in the browser, told once."""

import time
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, StorageState, expect

from accounts.entry.second_factor import factors
from accounts.entry.second_factor.demo_factors import get_demo_secret
from accounts.habilitations.demo import AGENTS, Agent
from tests.browser.portal import Portal, link_in

PASSWORD = "Été du garage 2026"
QUEUE = "/admin/registrations/request/"
VIEWS = f"{QUEUE}vues/"  # a page of the desk that is soon drawn
NATIONAL, REVIEWER_IDF, REVIEWER_ARA, AUDITOR, DPO = AGENTS


def sign_up(page: Page, portal: Portal, address: str, *, start: str = "/") -> None:
    """From the connection page to a password, by the mailed link; ends on the connection page."""
    page.goto(portal.url + start)
    # On a phone the first screen has it too.
    page.get_by_role("main").get_by_role("link", name="M’inscrire").first.click()
    page.fill("[name=email]", address)
    page.fill("[name=email2]", address)
    page.get_by_role("button", name="Recevoir le lien").click()
    expect(page.get_by_role("heading", name="Consultez votre messagerie")).to_be_visible()
    page.goto(link_in(portal.sink.wait_for(address, "mot de passe"), "/inscription/mot-de-passe/"))
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.check("[name=terms]")
    page.get_by_role("button", name="Enregistrer mon mot de passe").click()
    expect(page.get_by_role("heading", name="Vous avez déjà un compte ?")).to_be_visible()


def log_in(page: Page, address: str, password: str = PASSWORD) -> None:
    """On the connection page already; an agent of the demo shows his code too."""
    page.fill("[name=username]", address)
    page.fill("[name=password]", password)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    if any(agent.email == address for agent in AGENTS):
        page.wait_for_url("**/compte/second-facteur/code/")
        page.fill("[name=code]", _unused_code(page, address))
        page.get_by_role("button", name="Continuer").click()


def confirm(page: Page, password: str = PASSWORD) -> None:
    """On the page that asks for the password again, whoever has just logged in."""
    expect(page.get_by_role("heading", name="Confirmez que c’est vous")).to_be_visible()
    page.fill("[name=password]", password)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", name="Confirmez que c’est vous")).to_be_hidden()


_sessions: dict[tuple[str, str], StorageState] = {}


def desk_page(
    browser: Browser, portal: Portal, agent: Agent, path: str = QUEUE, **settings: Any
) -> Page:
    """A staff page, the queue unless said otherwise, as `agent` sees it in a browser of their own
    with Playwright's `settings`. They log in once a portal: a code works once, and the next one
    comes after 30 seconds.
    """
    kept = _sessions.get((portal.url, agent.email))
    context = browser.new_context(
        locale="fr-FR", timezone_id="Europe/Paris", storage_state=kept, **settings
    )
    page = context.new_page()
    page.goto(portal.url + path)
    if kept is None:
        log_in(page, agent.email, agent.password)
    expect(page).to_have_url(portal.url + path)
    page.wait_for_load_state()  # its scripts hear the keys
    _sessions[portal.url, agent.email] = context.storage_state()
    return page


_last_steps: dict[tuple[str, str], int] = {}


def forget() -> None:
    """After the data were laid again: no session is known any more, and no code was used."""
    _sessions.clear()
    _last_steps.clear()


def _unused_code(page: Page, address: str) -> str:
    """A code that this portal still accepts: each works once, the next one is good already. Waits
    when three logins followed each other too fast.
    """
    whose = (urlsplit(page.url).netloc, address)
    step = max(int(time.time()) // factors.STEP - 1, _last_steps.get(whose, 0)) + 1
    while step > int(time.time()) // factors.STEP + 1:
        time.sleep(0.5)
    _last_steps[whose] = step
    return factors.get_code_at(get_demo_secret(address), step * factors.STEP)


def fill_person(page: Page, *, company: str, siret: str = "732 829 320 00074") -> None:
    page.fill("[name=last_name]", "Essai")
    page.fill("[name=first_name]", "Camille")
    page.fill("[name=phone]", "01 99 00 12 34")
    page.fill("[name=company_name]", company)
    page.fill("[name=siret]", siret)


def send_request(page: Page) -> str:
    """Sets the switches, sends, reads the confirmation window; gives the reference."""
    page.check("[name=accept_terms]")
    page.check("[name=declaration]")
    page.get_by_role("button", name="Enregistrer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("heure de Paris")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    return page.url.rstrip("/").split("?")[0].rstrip("/").rsplit("/", 1)[-1]
