"""axe, the checker of accessibility, on a page as it is shown."""

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

# The contrast of each word is most of what axe costs, and the rows of a long list look alike: it is
# not looked at again in a row whose parts all have the colours and sizes of parts of earlier rows.
# Every other rule looks at every row. `resultTypes`: axe tells of nothing else.
_RUN = """async () => {
    const options = { resultTypes: ["violations"] };
    const look = (part) => {
        const style = getComputedStyle(part);
        return [
            style.color, style.backgroundColor, style.backgroundImage, style.opacity,
            style.fontSize, style.fontWeight, style.textShadow, style.visibility,
        ].join();
    };
    const seen = new Set();
    const alike = [...document.querySelectorAll("tbody > tr")].filter((row) => {
        const looks = [row, ...row.querySelectorAll("*")]
            .map((part) => `${look(part.parentElement)} ${look(part)}`);
        const known = looks.every((one) => seen.has(one));
        looks.forEach((one) => seen.add(one));
        return known;
    });
    if (!alike.length) return await axe.run(options);
    const colours = ["color-contrast", "link-in-text-block"];
    const off = Object.fromEntries(colours.map((rule) => [rule, { enabled: false }]));
    const found = await axe.run({ ...options, rules: off });
    const more = await axe.run({ exclude: alike }, { ...options, runOnly: colours });
    found.violations.push(...more.violations);
    return found;
}"""


def no_fault(page: Page) -> None:
    """axe finds nothing wrong on the page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = AxeResults(page.evaluate(_RUN))
    assert found.violations_count == 0, found.generate_report()
