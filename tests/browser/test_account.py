"""« Mon compte » in Chromium: a second factor from the picture to the next login, under axe."""

import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from accounts.entry.second_factor import factors
from registrations.demo.requests import PASSWORD as DEMO_PASSWORD
from registrations.demo.requests import PEOPLE
from tests.browser.axe import no_fault
from tests.browser.people import PASSWORD, confirm, log_in
from tests.browser.portal import Portal, link_in, text_of

pytestmark = pytest.mark.browser


@pytest.mark.req("S18", "S42", "S46")
def test_a_second_factor_is_set_up_then_asked_for(browser: Browser, portal: Portal) -> None:
    address = next(person for person in PEOPLE if person.role == "Sans demande").mailbox
    page = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris").new_page()
    said: list[str] = []
    # Errors only: what the policy blocks is one. Chromium also gives advice about forms.
    page.on(
        "console", lambda message: said.append(message.text) if message.type == "error" else None
    )
    page.goto(f"{portal.url}/cas/login?next=/compte/")
    log_in(page, address, DEMO_PASSWORD)
    expect(page).to_have_url(f"{portal.url}/compte/")
    no_fault(page)
    for path in ("/compte/identite/", "/compte/adresse/"):
        page.goto(portal.url + path)
        no_fault(page)
    page.goto(f"{portal.url}/compte/second-facteur/")
    no_fault(page)
    page.get_by_role("button", name="Configurer une application").click()
    no_fault(page)
    confirm(
        page, DEMO_PASSWORD
    )  # sends the code that a first factor needs, and leads to the page for it
    mailed = text_of(portal.sink.wait_for(address, "Votre code"))
    no_fault(page)
    found = re.search(r"^(\d{4} \d{4})\s*$", mailed, re.MULTILINE)
    assert found
    page.get_by_label("Code reçu par e-mail").fill(found[1])
    page.get_by_role("button", name="Continuer").click()
    picture = page.get_by_role("img", name=re.compile("Code QR"))
    assert picture.evaluate("image => image.naturalWidth") > 0  # the policy lets it be seen
    no_fault(page)
    link = page.get_by_role("link", name="ouvrir l’application").get_attribute("href") or ""
    secret = parse_qs(urlsplit(link).query)["secret"][0]
    page.get_by_label("Code affiché par l’application").fill("000000")
    page.get_by_role("button", name="Activer").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Code affiché par l’application").fill(
        factors.get_code_at(secret, time.time())
    )
    page.get_by_role("button", name="Activer").click()
    expect(page.get_by_role("heading", name="Vos codes de secours")).to_be_visible()
    no_fault(page)
    recovery = page.locator("ol.mono li").first.inner_text()
    with page.expect_download() as kept:
        page.get_by_role("button", name="Télécharger les codes").click()
    assert recovery in Path(kept.value.path()).read_text(encoding="utf-8")
    expect(page.get_by_role("status").last).to_contain_text("gardez-le en lieu sûr")
    page.context.clear_cookies()
    page.goto(f"{portal.url}/cas/login")
    log_in(page, address, DEMO_PASSWORD)
    expect(page.get_by_role("heading", name="Saisissez votre code de connexion")).to_be_visible()
    no_fault(page)
    page.get_by_label("Code de votre application").fill(recovery)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Il vous reste 9")).to_be_visible()
    page.goto(f"{portal.url}/codes/")
    no_fault(page)
    assert said == []
    portal.sink.wait_for(address, "La double authentification")
    page.context.close()


@pytest.mark.req("R27")
def test_a_forgotten_box_costs_no_password(browser: Browser, portal: Portal) -> None:
    """The page says it before it is sent: one that comes back would hold no password."""
    address = "noa.essai@atelier-horizon.example.org"
    page = browser.new_context(locale="fr-FR").new_page()
    page.goto(f"{portal.url}/inscription/")
    page.fill("[name=email]", address)
    page.fill("[name=email2]", address)
    page.get_by_role("button", name="Recevoir le lien").click()
    link = link_in(portal.sink.wait_for(address, "mot de passe"), "/inscription/mot-de-passe/")
    page.goto(link)
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    save = page.get_by_role("button", name="Enregistrer mon mot de passe")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    for _ in range(2):  # a second try does not say it twice
        save.click()
        expect(page.locator("[name=terms]")).to_be_focused()
        expect(page.get_by_role("alert").filter(has_text="conditions")).to_have_count(1)
    no_fault(page)
    assert sent == []
    for name in ("password1", "password2"):
        expect(page.locator(f"[name={name}]")).to_have_value(PASSWORD)
    page.check("[name=terms]")
    save.click()
    expect(page.get_by_text("Votre mot de passe est créé")).to_be_visible()
    expect(page.locator("[name=username]")).to_have_value(address)
    page.context.close()
