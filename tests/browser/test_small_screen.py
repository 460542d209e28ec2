"""The desk on the smallest screen: every button is whole, in Chromium."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import NATIONAL, VIEWS, desk_page
from tests.browser.portal import Portal

pytestmark = pytest.mark.browser
# Of what `inside` matches, what goes past the right edge of `frame`: cut there, so the page itself
# is not wider than the screen.
_CUT = """([frame, inside]) => {
    const edge = document.querySelector(frame).getBoundingClientRect().right;
    return [...document.querySelectorAll(`${frame} ${inside}`)]
        .filter(part => part.getBoundingClientRect().right > edge)
        .map(part => part.value);
}"""


@pytest.fixture
def desk(browser: Browser, portal: Portal) -> Iterator[Page]:
    page = desk_page(browser, portal, NATIONAL, VIEWS, viewport={"width": 320, "height": 640})
    yield page
    page.context.close()


@pytest.mark.req("S43")
def test_no_button_of_a_list_or_of_a_form_is_cut(desk: Page, portal: Portal) -> None:
    desk.goto(f"{portal.url}/admin/habilitations/staffmember/")
    expect(desk.locator("#toolbar").get_by_role("button", name="Rechercher")).to_be_visible()
    assert desk.evaluate(_CUT, ["#toolbar", "input[type=submit]"]) == []
    desk.locator("#result_list tbody th a").first.click()
    expect(desk.locator(".submit-row")).to_be_visible()
    assert desk.evaluate(_CUT, [".submit-row", "input"]) == []
    desk.goto(f"{portal.url}/admin/outbox/mail/")
    desk.locator("#result_list tbody th a").first.click()
    expect(desk.get_by_role("heading", name="E-mail", exact=True)).to_be_visible()
    title = desk.locator("#content > h2")  # a mail's key, without a space
    assert title.evaluate("element => element.scrollWidth <= element.clientWidth")


@pytest.mark.req("S43")
def test_no_page_of_ours_is_scrolled_sideways(desk: Page, portal: Portal) -> None:
    """Those that are no list or form of Django's."""
    paths = (
        *("", f"recherche/?q={'x' * 60}", "recherche/?q=fictif", "outbox/mailtext/"),
        *("registrations/knowncontact/importer/", "registrations/request/vues/"),
        "habilitations/platform/essai/",
    )
    wide = []
    for path in paths:
        desk.goto(f"{portal.url}/admin/{path}")
        expect(desk.locator("#content")).to_be_visible()
        if desk.evaluate("document.documentElement.scrollWidth") > 320:
            wide.append(path)
    assert wide == []


@pytest.mark.req("S43")
def test_a_list_is_a_stack_of_cards_that_names_its_values(desk: Page, portal: Portal) -> None:
    for table in ("accounts/user", "journal/entry", "outbox/mail"):
        desk.goto(f"{portal.url}/admin/{table}/")
        _check_cards(desk)


def _check_cards(desk: Page) -> None:
    frame = desk.locator("#changelist .results")
    assert frame.evaluate("element => element.scrollWidth <= element.clientWidth"), desk.url
    names = (
        desk.locator("#result_list tbody tr")
        .first.locator("[data-label]")
        .evaluate_all(
            """cells => cells.map(cell => [
            cell.dataset.label, getComputedStyle(cell, "::before").content
        ])"""
        )
    )
    assert names, desk.url
    for label, shown in names:
        assert not label or shown == f'"{label}"', desk.url
    # The table is one still, for who does not see it.
    expect(desk.get_by_role("row").nth(1).get_by_role("rowheader").first).to_be_visible()


@pytest.mark.req("S43")
def test_what_cannot_be_broken_at_a_space_breaks_where_it_must(
    browser: Browser, portal: Portal
) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 640})
    address = f"https://inconnue.example.org/{'a' * 200}?x={'1' * 200}"
    page.goto(f"{portal.url}/cas/login?service={quote(address, safe='')}")
    expect(page.get_by_text("Numéro à citer")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.goto(f"{portal.url}/nulle-part/")
    expect(page.get_by_text("citez le numéro")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.context.close()
