"""The queue in Chromium: how much of it is in sight, walked by keys, refreshed in its place."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.habilitations.demo import Agent
from tests.browser.axe import no_fault
from tests.browser.people import NATIONAL, QUEUE, REVIEWER_IDF, VIEWS, desk_page
from tests.browser.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.req("R44")]
ROWS_IN_SIGHT = """
    [...document.querySelectorAll("#result_list tbody tr")].filter((row) => {
        const box = row.getBoundingClientRect();
        return box.top >= 0 && box.bottom <= window.innerHeight && row.tagName === "TR"
            && getComputedStyle(row).display === "table-row";
    }).length
"""
# A request of the reviewer's délégation comes in, as if somebody had sent the form.
COMES_IN = """
import uuid
from django.utils import timezone
from registrations.requests.models import Request
row = Request.objects.filter(delegation__code="IDF", status="submitted").order_by("pk")[0]
row.pk, row.reference, row.form_token = uuid.uuid4(), "MG-NEUF-0001", None
row.siret = "99990009900017"
row.submitted_at = timezone.now()
row.due_at = row.submitted_at + timezone.timedelta(days=2)
row.save(force_insert=True)
"""


@pytest.fixture
def desk(browser: Browser, portal: Portal) -> Iterator[Page]:
    page = desk_page(browser, portal, REVIEWER_IDF, VIEWS)
    yield page
    page.context.close()


@pytest.mark.parametrize(
    ("agent", "checked"),
    [(REVIEWER_IDF, 1440), (NATIONAL, 1024)],
    ids=["one délégation", "national"],
)
def test_twelve_requests_are_in_sight_and_eight_on_a_small_screen(
    browser: Browser, portal: Portal, agent: Agent, checked: int
) -> None:
    page = desk_page(browser, portal, agent, VIEWS)
    page.goto(f"{portal.url}{QUEUE}")  # without « Vous êtes connecté. » above the list
    for width, height, fewest in ((1440, 900, 12), (1024, 768, 8)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(ROWS_IN_SIGHT) >= fewest, (width, height)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width == checked:  # the whole list between 1024 and 1440 is another test's
            no_fault(page)
    page.context.close()


@pytest.mark.req("S42")
def test_the_filtered_list_is_walked_by_keys(desk: Page, portal: Portal) -> None:
    errors: list[str] = []
    desk.on("console", lambda message: errors.append(message.text))
    desk.goto(f"{portal.url}{QUEUE}?instructeur=personne&o=-echeance")
    listed = desk.locator("#result_list tbody th a").all_inner_texts()
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    place = desk.get_by_role("navigation", name="Demandes voisines dans la liste")
    expect(place).to_contain_text(f"2 sur {len(listed)}")
    expect(desk.locator(".desk-eyebrow")).to_contain_text(listed[1])
    desk.keyboard.press("j")
    expect(desk.locator(".desk-eyebrow")).to_contain_text(listed[2])
    desk.keyboard.press("k")
    expect(desk.locator(".desk-eyebrow")).to_contain_text(listed[1])
    no_fault(desk)
    desk.keyboard.press("f")
    expect(desk).to_have_url(f"{portal.url}{QUEUE}?instructeur=personne&o=-echeance")
    assert errors == []


@pytest.mark.req("S42")
def test_the_keys_are_switched_off_for_who_speaks_to_the_computer(
    desk: Page, portal: Portal
) -> None:
    desk.goto(f"{portal.url}{QUEUE}?instructeur=personne")
    desk.keyboard.press("?")
    desk.get_by_label("Raccourcis d’une lettre actifs").uncheck()
    desk.keyboard.press("Escape")
    desk.locator("h1").click()
    desk.keyboard.press("j")
    desk.keyboard.press("/")
    assert desk.evaluate("document.activeElement.tagName") not in ("A", "INPUT")
    desk.reload()
    desk.keyboard.press("?")
    dialog = desk.get_by_role("dialog", name="Raccourcis clavier")
    expect(dialog).to_be_hidden()
    desk.get_by_role("button", name="Raccourcis clavier").click()
    desk.get_by_label("Raccourcis d’une lettre actifs").check()
    desk.keyboard.press("Escape")
    desk.keyboard.press("?")
    expect(dialog).to_be_visible()


def test_the_list_says_that_it_has_changed_and_keeps_its_place(desk: Page, portal: Portal) -> None:
    desk.clock.install()
    desk.goto(f"{portal.url}{QUEUE}?o=-recue")
    box = desk.locator('input[name="items"]').nth(2)
    box.check()
    value = box.get_attribute("value")
    portal.run(COMES_IN)
    told = desk.locator("[data-changes]")
    expect(told.get_by_role("button")).to_be_hidden()
    desk.clock.run_for(46_000)
    expect(told).to_contain_text("1 nouvelle demande")
    no_fault(desk)
    desk.evaluate("window.scrollTo(0, 200)")
    box.focus()
    told.get_by_role("button", name="Actualiser").click()
    expect(desk.locator("#result_list tbody th a").first).to_have_text("MG-NEUF-0001")
    expect(told.get_by_role("button")).to_be_hidden()
    again = desk.locator(f'input[name="items"][value="{value}"]')
    expect(again).to_be_checked()
    assert desk.evaluate("window.scrollY") == 200
    expect(desk.get_by_role("form", name="Agir sur les demandes cochées")).to_contain_text(
        "1 demande cochée"
    )


def test_a_list_is_kept_under_a_name_and_found_again(desk: Page, portal: Portal) -> None:
    desk.goto(f"{portal.url}{QUEUE}?type=of&o=-recue&q=formation")
    desk.get_by_text("Vues", exact=False).first.click()
    no_fault(desk)
    desk.get_by_role("link", name="Enregistrer cette liste").click()
    expect(desk.get_by_text("Organisme de formation")).to_be_visible()
    desk.get_by_role("button", name="Enregistrer la vue").click()
    expect(desk.get_by_role("alert")).to_be_focused()
    no_fault(desk)
    desk.get_by_label("Nom de la vue").fill("Mes organismes")
    desk.get_by_label("Partager avec").select_option("IDF")
    desk.get_by_role("button", name="Enregistrer la vue").click()
    expect(desk).to_have_url(f"{portal.url}{QUEUE}?o=-recue&type=of")
    expect(desk.locator("summary", has_text="Vues")).to_contain_text("Mes organismes")
