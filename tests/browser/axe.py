"""axe, the checker of accessibility, on a page as it is shown."""

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

# To work out the contrast of each word is most of what axe costs, and a page repeats itself: the
# rules of colours look at the first only of the parts that look alike and lie in parts that look
# alike. All other rules look at all. `resultTypes`: axe tells of nothing else.
_RUN = """async () => {
    const look = (part) => {
        const style = getComputedStyle(part);
        return [
            part.localName, part.className, part.ariaDisabled, part.matches(":disabled"),
            style.color, style.backgroundColor, style.backgroundImage, style.opacity,
            style.fontSize, style.fontWeight, style.textShadow, style.visibility,
        ].join();
    };
    const numbers = new Map();  // how a part and what it lies in look → a number
    const places = new Map();  // part → its number
    const first = new Map();  // number → the first part that is seen and says something
    for (const part of document.querySelectorAll("body, body *")) {
        const place = `${places.get(part.parentElement)} ${look(part)}`;
        if (!numbers.has(place)) numbers.set(place, numbers.size);
        const number = numbers.get(place);
        places.set(part, number);
        const says = part.matches("input, select, textarea")
            || [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (says && !first.has(number) && part.checkVisibility()) first.set(number, part);
    }
    const colours = ["color-contrast", "link-in-text-block"];
    const off = Object.fromEntries(colours.map((rule) => [rule, { enabled: false }]));
    const options = { resultTypes: ["violations"] };
    const found = await axe.run({ ...options, rules: off });
    if (first.size) {
        const include = [...first.values()];
        const more = await axe.run({ include }, { ...options, runOnly: colours });
        found.violations.push(...more.violations);
    }
    return found;
}"""


def no_fault(page: Page) -> None:
    """axe finds nothing wrong on the page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = AxeResults(page.evaluate(_RUN))
    assert found.violations_count == 0, found.generate_report()
