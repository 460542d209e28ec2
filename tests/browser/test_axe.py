"""What the checker of accessibility finds, though the rules of colours look at a sample."""

import pytest
from playwright.sync_api import Page

from tests.browser.axe import no_fault

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><html lang="fr"><head><title>Essai</title><style>
    body { background-color: #fff; color: #222 } .dark { background-color: #333 }
    .pale { color: #ccc } .faint { opacity: 0.3 } em { color: #ccc } .dark em { color: #ccc }
</style></head><body><main><h1>Essai</h1><p class="line">Un <b>mot</b></p>
<p class="line">Un <b>mot</b></p><p class="dark"><em>Clair sur sombre</em></p>
%s</main></body></html>"""
FAULTS = {
    '<p class="line pale">Un mot</p>': "color-contrast",
    '<p class="line">Un <b class="pale">mot</b></p>': "color-contrast",
    "<p><em>Clair sur clair</em></p>": "color-contrast",  # as above, where it lies on dark
    '<div class="faint"><p class="line">Un <b>mot</b></p></div>': "color-contrast",
    '<div class="dark"><p class="line">Un <b>mot</b></p></div>': "color-contrast",
    '<label>Nom <input class="pale" value="Martin"></label>': "color-contrast",
    '<ul><li>Un</li><li>Deux <img src="data:," alt=""></li><li><img src="data:,"></li></ul>': (
        "image-alt"
    ),
}


@pytest.mark.req("S42")
def test_a_fault_is_found_wherever_it_looks_otherwise(page: Page) -> None:
    page.set_content(PAGE % "")
    no_fault(page)
    for part, rule in FAULTS.items():
        page.set_content(PAGE % part)
        with pytest.raises(AssertionError) as found:
            no_fault(page)
        assert rule in str(found.value), part
