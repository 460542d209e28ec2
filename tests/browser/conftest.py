"""One running portal for the browser tests of a process."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import people
from tests.browser.portal import Portal, running_portal

# In ms: a machine that is busy is not a portal that fails.
PATIENCE = 90_000
expect.set_options(timeout=PATIENCE)


_opened: list[BrowserContext] = []


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Browser:
    """pytest-playwright's, whose pages wait as long as `expect` does."""
    make = browser.new_context

    def patient(**settings: Any) -> BrowserContext:
        context = make(**settings)
        context.set_default_timeout(PATIENCE)
        _opened.append(context)
        return context

    browser.new_context = patient  # type: ignore[method-assign]
    return browser


@pytest.fixture(autouse=True)
def _close_windows() -> Iterator[None]:
    """A window that a test leaves open is drawn, and asks for news, until the browser ends."""
    yield
    while _opened:
        # Past pytest-playwright's wrapper, which has closed its own windows and forgotten them.
        BrowserContext.close(_opened.pop())


@pytest.fixture(scope="session")
def running(request: pytest.FixtureRequest) -> Iterator[Portal]:
    """The processes, started once; their last words when a test failed."""
    failed = request.session.testsfailed
    with tempfile.TemporaryDirectory(prefix="mgportal-") as folder:
        with running_portal(Path(folder)) as portal:
            yield portal
        if request.session.testsfailed > failed:
            for log in sorted(Path(folder).glob("*.log")):
                sys.stderr.write(f"\n== {log.name}\n{log.read_text(errors='replace')[-4000:]}\n")


@pytest.fixture(scope="module")
def portal(running: Portal) -> Portal:
    """The demo's data as they were, for each file: people change them."""
    running.lay_demo_again()
    people.forget()
    return running
