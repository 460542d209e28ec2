"""The pictures of the help page and of the README, taken from the running portal.

    python -m tests.browser.pictures

To run again after a change of look: a help that shows yesterday's screens helps nobody.
"""

import os
import tempfile
from pathlib import Path

import django
from playwright.sync_api import Page, sync_playwright

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()  # the demo's people are told beside models

from registrations.demo.requests import PASSWORD as DEMO_PASSWORD  # noqa: E402
from registrations.demo.requests import PEOPLE  # noqa: E402
from tests.browser.people import PASSWORD, fill_person, log_in  # noqa: E402
from tests.browser.portal import Portal, link_in, running_platform, running_portal  # noqa: E402
from tests.servers.browser import FLAGS, find_browser  # noqa: E402
from tests.servers.processes import ROOT  # noqa: E402

ADDRESS = "camille.essai@garage-lumiere.example.org"
HELP = ROOT / "static" / "img" / "aide"
DOCS = ROOT / "docs" / "img"


def _take(page: Page, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path, type="jpeg", quality=80)


def take_all(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}/cas/login")
    _take(page, HELP / "etape-1.jpg")
    _take(page, DOCS / "connexion.jpg")
    page.get_by_role("heading", name="Vous avez déjà un compte").scroll_into_view_if_needed()
    page.evaluate("window.scrollTo(0, 200)")
    _take(page, HELP / "etape-2.jpg")
    page.get_by_role("main").get_by_role("link", name="M’inscrire").click()
    page.fill("[name=email]", ADDRESS)
    page.fill("[name=email2]", ADDRESS)
    _take(page, HELP / "etape-3.jpg")
    page.get_by_role("button", name="Recevoir le lien").click()
    page.goto(link_in(portal.sink.wait_for(ADDRESS, "mot de passe"), "/inscription/mot-de-passe/"))
    page.fill("[name=password1]", "Garage20")
    page.evaluate("window.scrollTo(0, 150)")
    _take(page, HELP / "etape-4.jpg")
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.check("[name=terms]")
    page.get_by_role("button", name="Enregistrer mon mot de passe").click()
    log_in(page, ADDRESS)
    page.goto(f"{portal.url}/m-gestion/demande/")
    fill_person(page, company="Garage Lumière")
    page.evaluate("window.scrollTo(0, 330)")
    _take(page, HELP / "etape-5.jpg")
    page.check("[name=kind][value=entreprise]")
    page.select_option("[name=department]", "75")
    page.select_option("[name=branch]", "automobile")
    page.select_option("[name=profile]", "ENT-GEST")
    page.check("[name=accept_terms]")
    page.check("[name=declaration]")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("dialog").wait_for()
    _take(page, HELP / "etape-6.jpg")


def take_dashboard(page: Page, portal: Portal) -> None:
    claire = next(person for person in PEOPLE if person.role == "Gestionnaire")
    page.goto(f"{portal.url}/cas/login")
    log_in(page, claire.mailbox, DEMO_PASSWORD)
    _take(page, HELP / "etape-7.jpg")


def take_second_platform(page: Page, portal: Portal) -> None:
    with running_platform(portal):
        page.goto(f"{portal.url}/services/")
        log_in(page, "ada.fictive@cycles-orion.example.org", DEMO_PASSWORD)
        page.get_by_role("link", name="Ouvrir M-Campus Entreprise").click()
        page.get_by_role("heading", name="Votre rôle ici").wait_for()
        _take(page, DOCS / "m-campus.jpg")


def main() -> None:
    browser = find_browser(may_install=False)
    with (
        tempfile.TemporaryDirectory(prefix="mgportal-") as folder,
        running_portal(Path(folder)) as portal,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path=str(browser.path), args=list(FLAGS), env={"HOME": folder}
        )
        for take in (take_all, take_dashboard, take_second_platform):
            context = chromium.new_context(locale="fr-FR", viewport={"width": 1280, "height": 800})
            take(context.new_page(), portal)
            context.close()
        chromium.close()


if __name__ == "__main__":
    main()
