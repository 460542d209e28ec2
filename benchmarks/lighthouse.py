"""`make lighthouse`: the ten main pages under Lighthouse's mobile measure, on the demo's processes.

The portal is started as `make run` starts it, so that static files are served as in production.
Lighthouse comes from npm into LIGHTHOUSE_FOLDER (data/lighthouse), the first time only. A minute a
page; scores of performance depend on the machine, and a busy one lowers them. Scores for search
engines are left out: most of these pages tell them to stay away.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.verdicts import MISSED, NOT_MEASURED, judge
from tests.servers.browser import FLAGS, find_browser
from tests.servers.processes import ROOT, ChildProcess, free_port, stop, wait_until

VERSION: Final = "12.8.2"
FOLDER: Final = Path(os.environ.get("LIGHTHOUSE_FOLDER") or ROOT / "data" / "lighthouse")
SCORED: Final = ("performance", "accessibility", "best-practices")
LEAST_SCORE, MOST_SHIFT = 95, 0.05
WAITING: Final = "lea.fictive@garage-lumiere.example.org"  # of the demo: with a request that waits
ACCEPTED: Final = "ada.fictive@cycles-orion.example.org"  # with two platforms
PASSWORD: Final = "Demo-Usager-2026"  # theirs


def main() -> int:
    if shutil.which("npm") is None:
        _say(f"{NOT_MEASURED} Lighthouse: node and npm are missing")
        return 0
    program = FOLDER / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        words = ["npm", "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund"]
        subprocess.run([*words, f"lighthouse@{VERSION}"], check=True, stdout=sys.stderr)
    chromium = str(find_browser(may_install=False).path)
    missed = False
    with _demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        pages = _list_pages(browser, url)
        browser.close()
        for name, (address, cookies) in pages.items():
            for line in _judge_page(name, _measure(program, chromium, address, cookies)):
                missed = missed or line.startswith(MISSED)
                _say(line)
    return 1 if missed else 0


@contextlib.contextmanager
def _demo() -> Iterator[str]:
    """The portal of `make run` with data of its own; its address."""
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
        try:
            wait_until(lambda: _answers(f"{url}/healthz"), ChildProcess(process, log))
            yield url
        finally:
            stop(process, signal.SIGTERM)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - a loopback address
            return bool(answer.status == 200)
    except OSError:
        return False


def _list_pages(browser: Browser, url: str) -> dict[str, tuple[str, str]]:
    """Name → address and cookies, of the ten pages."""
    paths = {"login": "/cas/login", "sign-up": "/inscription/", "help": "/aide/", "terms": "/cgu/"}
    pages = {name: (url + path, "") for name, path in paths.items()}
    visitor = browser.new_page()
    visitor.goto(f"{url}/inscription/")
    for field in ("email", "email2"):
        visitor.fill(f"[name={field}]", "claude.mesure@garage-lumiere.example.org")
    visitor.get_by_role("button", name="Recevoir le lien").click()
    visitor.wait_for_url("**/inscription/envoye/**")
    pages["mail sent"] = (visitor.url, "")
    waiting, cookies = _log_in(browser, url, WAITING)
    pages["request, followed"] = (waiting.url, cookies)
    pages["request form"] = (f"{url}/m-gestion/demande/", cookies)
    _, cookies = _log_in(browser, url, ACCEPTED)
    own = {"dashboard": "/m-gestion/", "my services": "/services/", "my account": "/compte/"}
    return pages | {name: (url + path, cookies) for name, path in own.items()}


def _log_in(browser: Browser, url: str, address: str) -> tuple[Page, str]:
    context = browser.new_context(locale="fr-FR")
    page = context.new_page()
    page.goto(f"{url}/cas/login")
    page.fill("[name=username]", address)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_url(lambda now: "/cas/login" not in now)
    found = (f"{cookie.get('name')}={cookie.get('value')}" for cookie in context.cookies())
    return page, "; ".join(found)


def _measure(program: Path, chromium: str, address: str, cookies: str) -> dict[str, Any]:
    words = [str(program), address, "--quiet", "--output=json", "--output-path=stdout"]
    words += [f"--only-categories={','.join(SCORED)}"]
    words += ["--chrome-flags=--headless=new --no-sandbox"]
    if cookies:
        words.append(f"--extra-headers={json.dumps({'Cookie': cookies})}")
    done = subprocess.run(
        words, env={**os.environ, "CHROME_PATH": chromium}, stdout=subprocess.PIPE, check=True
    )
    report: dict[str, Any] = json.loads(done.stdout)
    # A redirect to the login would measure another page.
    assert report["finalDisplayedUrl"] == address, report["finalDisplayedUrl"]
    return report


def _judge_page(name: str, report: dict[str, Any]) -> Iterator[str]:
    audits = report["audits"]
    shown = "; ".join(
        f"{short} {audits[audit]['displayValue']}"
        for short, audit in (
            ("first paint", "first-contentful-paint"),
            ("blocked", "total-blocking-time"),
        )
    )
    for category in SCORED:
        score = round(report["categories"][category]["score"] * 100)
        more = shown if category == "performance" else ""
        yield judge(f"{name}, {category}", score, LEAST_SCORE, at_least=True, more=more)
    shift = audits["cumulative-layout-shift"]["numericValue"]
    yield judge(f"{name}, layout shift", shift, MOST_SHIFT)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
