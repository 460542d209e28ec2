"""The pop-in of an Administrateur and the gate of the terms, with and without JavaScript."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.habilitations.accesses.models import Establishment
from accounts.legal.models import TermsVersion
from accounts.legal.terms.flows import publish_version
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.journal.actors import Actor
from registrations.establishments.models import AccessReview, ReviewAnswer
from tests.browser.axe import no_fault
from tests.factories.habilitations import load_reference, make_access, make_establishment, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BACKEND = "accounts.entry.login.backends.PasswordBackend"


@pytest.fixture
def place(transactional_db: None) -> Establishment:
    load_reference()
    return make_establishment(name="Garage fictif du Port")


@pytest.fixture
def colleague(place: Establishment) -> User:
    user = make_user(first_name="Bob", last_name="Collègue")
    make_access(user=user, establishment=place)
    return user


@pytest.fixture
def chief(place: Establishment, live_server: Any) -> dict[str, str]:
    """The session cookie of an Administrateur of the establishment."""
    chief = make_user(first_name="Ada", last_name="Cheffe")
    make_access(user=chief, establishment=place, administrator=True)
    client = Client()
    client.force_login(chief, backend=BACKEND)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": live_server.url}


def test_the_pop_in_takes_the_focus_gives_it_back_and_deactivates(
    page: Page, live_server: Any, chief: Any, colleague: User
) -> None:
    page.context.add_cookies([chief])
    page.goto(f"{live_server.url}/m-gestion/utilisateurs/")
    opener = page.get_by_role("link", name="Désactiver : Bob Collègue")
    opener.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("définitivement supprimé dans un délai de 15 jours calendaires")
    expect(dialog.get_by_role("heading")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    assert User.objects.get(pk=colleague.pk).status == Status.ACTIVE
    opener.click()
    dialog.get_by_label("Motif").select_option("left")
    dialog.get_by_role("button", name="Désactiver le compte").click()
    expect(page.get_by_role("button", name="Réactiver : Bob Collègue")).to_be_visible()
    assert User.objects.get(pk=colleague.pk).status == Status.DEACTIVATED_BY_ADMIN


def test_without_javascript_a_page_says_the_same(
    browser: Browser, live_server: Any, chief: Any, colleague: User
) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([chief])
    page = context.new_page()
    page.goto(f"{live_server.url}/m-gestion/utilisateurs/")
    page.get_by_role("link", name="Désactiver : Bob Collègue").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bob Collègue")
    expect(page.locator("main")).to_contain_text("dans un délai de 15 jours calendaires")
    page.get_by_label("Motif").select_option("left")
    page.get_by_role("button", name="Désactiver le compte").click()
    expect(page.get_by_role("button", name="Réactiver : Bob Collègue")).to_be_visible()
    context.close()


@pytest.fixture
def review(place: Establishment, colleague: User) -> AccessReview:
    now = timezone.now()
    return AccessReview.objects.create(
        establishment=place, opened_at=now, due_at=now + timedelta(days=30)
    )


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_a_departure_in_the_review_is_confirmed_before_it_is_done(
    browser: Browser, live_server: Any, chief: Any, colleague: User, review: Any, scripts: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    context.add_cookies([chief])
    page = context.new_page()
    page.goto(f"{live_server.url}/m-gestion/utilisateurs/revue/")
    row = page.get_by_role("group", name="Bob Collègue")
    role = row.get_by_label("Rôle demandé")
    expect(role).to_be_hidden()
    row.get_by_label("Demander un autre rôle").check()
    expect(role).to_be_visible()
    row.get_by_label("N’est plus dans l’établissement").check()
    page.get_by_role("button", name="Enregistrer mes réponses").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("définitivement supprimé dans un délai de 15 jours calendaires")
    if scripts:
        expect(dialog.get_by_role("heading")).to_be_focused()
    dialog.get_by_role("button", name="Revenir à mes réponses").click()
    expect(dialog).to_be_hidden()
    expect(row.get_by_label("N’est plus dans l’établissement")).to_be_checked()
    assert User.objects.get(pk=colleague.pk).status == Status.ACTIVE
    page.get_by_role("button", name="Enregistrer mes réponses").click()
    page.get_by_role("button", name="Confirmer et enregistrer").click()
    expect(page.locator("main")).to_contain_text("Vérification terminée")
    assert User.objects.get(pk=colleague.pk).status == Status.DEACTIVATED_BY_ADMIN
    assert ReviewAnswer.objects.get().choice == "gone"
    context.close()


@pytest.mark.req("S42", "S43", "S44", "S46")
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_on_the_administrators_pages_and_they_reflow(
    page: Page, live_server: Any, chief: Any, review: Any, width: int
) -> None:
    page.context.add_cookies([chief])
    page.set_viewport_size({"width": width, "height": 700})
    for path in ("", "revue/"):
        page.goto(f"{live_server.url}/m-gestion/utilisateurs/{path}")
        no_fault(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Enregistrer mes réponses").click()
    expect(page.get_by_role("alert")).to_be_focused()
    no_fault(page)


def test_the_login_page_passes_axe_at_every_width(page: Page, live_server: Any, place: Any) -> None:
    for width in (320, 800, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{live_server.url}/cas/login")
        no_fault(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_menu_and_the_accounts_fit_on_a_desktop(
    page: Page, live_server: Any, chief: Any, colleague: User
) -> None:
    page.context.add_cookies([chief])
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/m-gestion/utilisateurs/")
    name = page.locator(".wordmark").bounding_box()
    menu = page.get_by_role("navigation", name="Navigation principale").bounding_box()
    assert name and menu
    assert menu["y"] < name["y"] + name["height"]  # beside the name, not under it
    accounts = page.locator(".table-wrap")
    assert accounts.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_the_gate_leads_back_to_where_the_person_was_going(
    page: Page, live_server: Any, chief: Any
) -> None:
    now = timezone.now()
    version = TermsVersion.objects.create(
        slug="ete", label="Version Été", body='<h2 id="a">Article 1</h2><p>Texte.</p>'
    )
    publish_version(
        version, effective_at=now, actor=Actor.system("tests"), now=now - timedelta(seconds=1)
    )
    page.context.add_cookies([chief])
    page.goto(f"{live_server.url}/m-gestion/utilisateurs/")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Nos conditions d’utilisation ont changé"
    )
    page.get_by_role("button", name="Accepter et continuer").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("J’accepte les Conditions Générales d’Utilisation").check()
    page.get_by_role("button", name="Accepter et continuer").click()
    page.wait_for_url("**/m-gestion/utilisateurs/")
