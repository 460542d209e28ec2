"""What a phone, a screen reader and a person's own colours show of the applicant's pages."""

import base64
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from registrations.demo.requests import PASSWORD as DEMO_PASSWORD
from registrations.demo.requests import PEOPLE
from tests.browser.people import log_in
from tests.browser.portal import Portal

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
PUBLIC = ("/cas/login", "/inscription/", "/aide/", "/cgu/", "/mot-de-passe/oublie/", "/cookies/")
OWN = ("/m-gestion/", "/services/", "/compte/", "/m-gestion/demande/", "/compte/mot-de-passe/")
# Half of Google's own limit for « good »: https://web.dev/articles/cls
GOOD = 0.05
_WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) window.shifts.push(entry.value);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
# Once the fonts are there and the page was drawn with them.
_SHIFTS = """async () => {
  await document.fonts.ready;
  for (let drawn = 0; drawn < 3; drawn += 1) {
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  }
  return window.shifts.reduce((sum, one) => sum + one, 0);
}"""


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page on a phone. Its console stays empty: no error, no warning, nothing that is missing."""
    context = browser.new_context(locale="fr-FR", viewport=PHONE)  # type: ignore[arg-type]
    said: list[str] = []
    context.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    context.on("weberror", lambda trouble: said.append(str(trouble.error)))
    yield context.new_page()
    assert said == []
    context.close()


def _slow(page: Page) -> CDPSession:
    """A phone on a mobile network that has never been here: scripts and fonts come late."""
    devtools: CDPSession = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    devtools.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 100, "downloadThroughput": 2e6, "uploadThroughput": 1e6},
    )
    return devtools


def _applicant(page: Page, portal: Portal, role: str = "Gestionnaire") -> None:
    person = next(person for person in PEOPLE if person.role == role)
    page.goto(f"{portal.url}/cas/login")
    log_in(page, person.mailbox, DEMO_PASSWORD)
    page.wait_for_url("**/m-gestion/**")


def test_no_page_jumps_after_it_is_drawn_or_scrolls_sideways_on_the_narrowest(
    phone: Page, portal: Portal
) -> None:
    shifts, wide = {}, {}
    _slow(phone)
    phone.add_init_script(_WATCH)

    def visit(name: str, address: str) -> None:
        size = phone.viewport_size
        assert size
        phone.goto(address)
        shifts[name] = float(phone.evaluate(_SHIFTS))
        phone.set_viewport_size({"width": 320, "height": 640})
        wide[name] = int(phone.evaluate("document.documentElement.scrollWidth"))
        phone.set_viewport_size(size)

    for path in PUBLIC:
        visit(path, portal.url + path)
    phone.set_viewport_size({"width": 412, "height": 823})  # where a bold address nearly fills it
    phone.goto(f"{portal.url}/inscription/")
    for name in ("email", "email2"):
        phone.fill(f"[name={name}]", "claude.mesure@garage-lumiere.example.org")
    phone.get_by_role("button", name="Recevoir le lien").click()
    phone.wait_for_url("**/inscription/envoye/**")
    visit("the mail is sent", phone.url)
    _applicant(phone, portal)
    for path in OWN:
        visit(path, portal.url + path)
    assert {name: shift for name, shift in shifts.items() if shift > GOOD} == {}
    assert {name: width for name, width in wide.items() if width > 320} == {}


def test_the_menu_is_folded_on_a_phone_and_open_without_javascript(
    phone: Page, browser: Browser, portal: Portal
) -> None:
    phone.goto(f"{portal.url}/aide/")
    menu = phone.get_by_role("navigation", name="Navigation principale")
    button = phone.get_by_role("button", name="Menu")
    expect(menu).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(menu).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
    plain = browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto(f"{portal.url}/aide/")
    expect(page.get_by_role("navigation", name="Navigation principale")).to_be_visible()
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()
    plain.close()


def test_a_first_visit_asks_for_a_style_sheet_a_script_and_two_fonts(
    phone: Page, portal: Portal
) -> None:
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto(f"{portal.url}/cas/login", wait_until="networkidle")
    kinds = sorted(url.rsplit(".", 1)[-1] for url in asked if "/static/" in url)
    assert kinds == ["css", "js", "woff2", "woff2"]
    assert len(asked) == 1 + len(kinds)


@pytest.mark.req("R15")
def test_a_newcomer_sees_where_to_register_on_the_first_screen(phone: Page, portal: Portal) -> None:
    phone.goto(f"{portal.url}/cas/login")
    link = phone.get_by_role("main").get_by_role("link", name="M’inscrire").first
    box = link.bounding_box()
    assert box is not None and box["y"] + box["height"] < PHONE["height"]


def _heard(devtools: CDPSession) -> dict[str, Any]:
    """Name → whether it is said to be required, of the fields whose role Chromium tells it of."""
    heard = {}
    for node in devtools.send("Accessibility.getFullAXTree")["nodes"]:
        if not node.get("ignored") and node["role"]["value"] in ("textbox", "radiogroup"):
            said = {item["name"]: item["value"].get("value") for item in node["properties"]}
            heard[" ".join(node["name"]["value"].replace("*", "").split())] = said.get("required")
    return heard


# Name → whether the control says it in the page, of every field that is mandatory to the eye.
_STARRED = """() => Object.fromEntries(
  [...document.querySelectorAll("form.all-required label.requiredField, .asteriskField")]
    .map(found => found.closest("label, legend"))
    .filter(Boolean)
    .map(label => {
      const control = label.matches("legend") ? label.closest("fieldset") : label.control;
      const said = control.required || control.getAttribute("aria-required") === "true";
      return [label.textContent.replace("*", "").replace(/\\s+/g, " ").trim(), Boolean(said)];
    }))"""


@pytest.mark.req("S45")
def test_a_screen_reader_hears_what_is_mandatory_on_every_form(phone: Page, portal: Portal) -> None:
    devtools = phone.context.new_cdp_session(phone)
    devtools.send("Accessibility.enable")
    silent: list[tuple[str, str]] = []
    fields = 0

    def visit(path: str) -> None:
        nonlocal fields
        phone.goto(portal.url + path)
        phone.wait_for_load_state("networkidle")
        kind = phone.locator("[name=kind][value=entreprise]")
        if kind.count():
            kind.check()  # the fields that are for a company only
        heard, starred = _heard(devtools), phone.evaluate(_STARRED)
        fields += len(starred)
        silent.extend(
            (path, name) for name, said in starred.items() if not said or heard.get(name) is False
        )

    for path in ("/cas/login", "/inscription/", "/mot-de-passe/oublie/", "/signalement/"):
        visit(path)
    _applicant(phone, portal)
    for path in ("/m-gestion/demande/", "/compte/mot-de-passe/"):
        visit(path)
    assert silent == []
    assert fields >= 19  # eleven of them the request's


@pytest.mark.req("R41", "D4")
def test_an_accounting_firm_is_told_as_soon_as_it_says_so(phone: Page, portal: Portal) -> None:
    _applicant(phone, portal)
    phone.goto(f"{portal.url}/m-gestion/demande/")
    notice = phone.get_by_text("M-Gestion n’accepte pas les demandes des cabinets comptables")
    expect(notice).to_be_hidden()
    phone.check("[name=kind][value=cabinet_comptable]")
    expect(phone.get_by_role("alert").filter(has=notice)).to_be_visible()
    phone.check("[name=kind][value=cfa]")
    expect(notice).to_be_hidden()


def test_what_is_chosen_is_seen_in_a_persons_own_colours(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(locale="fr-FR", forced_colors="active")
    page = context.new_page()
    _applicant(page, portal)
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{portal.url}/m-gestion/demande/")
        for selector in ("[name=kind][value=cfa]", "[name=accept_terms]", "[name=declaration]"):
            box = page.locator(selector)
            box.scroll_into_view_if_needed()
            before = box.screenshot()
            box.check()
            page.get_by_role("heading", level=1).click()  # the focus's own ring is no answer
            box.scroll_into_view_if_needed()
            assert _differ(page, before, box.screenshot()) > 12, (scheme, selector)
    context.close()


def _differ(page: Page, before: bytes, after: bytes) -> int:
    """Points whose colour changed much."""
    pictures = [base64.b64encode(picture).decode() for picture in (before, after)]
    changed: int = page.evaluate(
        """async ([before, after]) => {
          const points = async (picture) => {
            const data = Uint8Array.from(atob(picture), (one) => one.charCodeAt(0));
            const image = await createImageBitmap(new Blob([data], { type: "image/png" }));
            const canvas = new OffscreenCanvas(image.width, image.height);
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            return context.getImageData(0, 0, image.width, image.height).data;
          };
          const [first, second] = [await points(before), await points(after)];
          let changed = 0;
          for (let place = 0; place < first.length; place += 4) {
            const far = [0, 1, 2].some((c) => Math.abs(first[place + c] - second[place + c]) > 90);
            if (far) changed += 1;
          }
          return changed;
        }""",
        pictures,
    )
    return changed
