"""The demo as `make run` starts it, and Lighthouse beside it: `make lighthouse`.

Lighthouse comes from npm into LIGHTHOUSE_FOLDER (data/lighthouse), the first time only, in the
versions of package-lock.json. Without node, npm or Chromium the tests are skipped, and say so.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from registrations.demo.requests import PASSWORD
from tests.lighthouse.reports import FIGURES, Lighthouse, MeasuredPage
from tests.servers.browser import FLAGS, find_browser
from tests.servers.errors import ServerMissing
from tests.servers.processes import ROOT, ChildProcess, free_port, stop, wait_until

FOLDER: Final = Path(os.environ.get("LIGHTHOUSE_FOLDER") or ROOT / "data" / "lighthouse")
WAITING: Final = "lea.fictive@garage-lumiere.example.org"  # of the demo: with a request that waits
ACCEPTED: Final = "ada.fictive@cycles-orion.example.org"  # with two platforms


@dataclass
class MeasuredPages:
    """The ten pages by name. Each account logs in once, before the first page that needs it."""

    url: str
    browser: Browser
    _known: dict[str, MeasuredPage] = field(default_factory=dict)

    def find_page(self, name: str) -> MeasuredPage:
        if not self._known:
            self._known = self._list_pages()
        return self._known[name]

    def _list_pages(self) -> dict[str, MeasuredPage]:
        public = {
            "login": "/cas/login",
            "sign-up": "/inscription/",
            "help": "/aide/",
            "terms": "/cgu/",
        }
        pages = {name: MeasuredPage(self.url + path) for name, path in public.items()}
        pages["mail sent"] = MeasuredPage(self._sign_up())
        waiting, cookies = self._log_in(WAITING)
        pages["request, followed"] = MeasuredPage(waiting.url, cookies)
        pages["request form"] = MeasuredPage(f"{self.url}/m-gestion/demande/", cookies)
        _, cookies = self._log_in(ACCEPTED)
        own = {"dashboard": "/m-gestion/", "my services": "/services/", "my account": "/compte/"}
        return pages | {name: MeasuredPage(self.url + path, cookies) for name, path in own.items()}

    def _sign_up(self) -> str:
        visitor = self.browser.new_page()
        visitor.goto(f"{self.url}/inscription/")
        for name in ("email", "email2"):
            visitor.fill(f"[name={name}]", "claude.mesure@garage-lumiere.example.org")
        visitor.get_by_role("button", name="Recevoir le lien").click()
        visitor.wait_for_url("**/inscription/envoye/**")
        return visitor.url

    def _log_in(self, address: str) -> tuple[Page, str]:
        context = self.browser.new_context(locale="fr-FR")
        page = context.new_page()
        page.goto(f"{self.url}/cas/login")
        page.fill("[name=username]", address)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Se connecter", exact=True).click()
        page.wait_for_url(lambda now: "/cas/login" not in now)
        found = (f"{cookie.get('name')}={cookie.get('value')}" for cookie in context.cookies())
        return page, "; ".join(found)


@pytest.fixture(scope="session")
def lighthouse() -> Lighthouse:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"Lighthouse needs node and npm: {program} is missing.")
    try:
        browser = find_browser(may_install=False, whole=True)
    except ServerMissing as trouble:
        pytest.skip(str(trouble))
    return Lighthouse(_install_lighthouse(), browser.path)


def _install_lighthouse() -> Path:
    """The program, of the lock as it is now. Skips where npm cannot fetch it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lock, installed = Path(__file__).with_name("package-lock.json"), FOLDER / "installed-lock.json"
    program = FOLDER / "node_modules" / ".bin" / "lighthouse"
    if not (program.exists() and installed.exists() and _same(lock, installed)):
        for file in (lock, lock.with_name("package.json")):
            shutil.copyfile(file, FOLDER / file.name)
        words = ["npm", "ci", "--no-audit", "--no-fund", "--no-update-notifier"]
        done = subprocess.run(words, cwd=FOLDER, capture_output=True, text=True, check=False)
        assert "EUSAGE" not in done.stderr, done.stderr[
            :1000
        ]  # the lock is of another package.json
        if done.returncode != 0:
            pytest.skip(f"npm cannot install Lighthouse: {done.stderr[:1000]}")
        shutil.copyfile(lock, installed)
    return program


def _same(one: Path, other: Path) -> bool:
    return one.read_bytes() == other.read_bytes()


@pytest.fixture(scope="session")
def pages(lighthouse: Lighthouse) -> Iterator[MeasuredPages]:
    """Of the portal of `make run`, so that static files are served as in production, with data of
    its own.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="mglighthouse-") as folder:
        log = Path(folder) / "launch.log"
        environment = {k: v for k, v in os.environ.items() if k != "MGESTION_TESTING"}
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "mgestion.launch", "--port", str(port)],
                cwd=ROOT,
                env={**environment, "DATA_DIR": f"{folder}/data"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        with contextlib.ExitStack() as stack:
            stack.callback(stop, process, signal.SIGTERM)
            started = ChildProcess(process, log)
            wait_until(lambda: _answers(f"{url}/healthz"), started, seconds=900)
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(
                executable_path=str(lighthouse.chromium), args=list(FLAGS)
            )
            stack.callback(browser.close)
            yield MeasuredPages(url, browser)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - a loopback address
            return bool(answer.status == 200)
    except OSError:
        return False


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures of docs/performance.md."""
    if FIGURES:
        terminalreporter.section("LIGHTHOUSE, MOBILE")
        for line in FIGURES:
            terminalreporter.write_line(line)
