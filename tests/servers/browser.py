"""The browser of the browser tests: the one named, the system's, or Playwright's own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.servers.errors import ServerMissing

FLAGS = (
    "--no-sandbox",  # root, and containers without user namespaces
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PROGRAMS = ("chromium-headless-shell", "chromium")

_PLAYWRIGHTS_OWN = (
    "from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as playwright:\n"
    "    print(playwright.chromium.executable_path)\n"
)


@dataclass(frozen=True)
class Browser:
    path: Path
    version: str
    origin: str


def find_browser(*, may_install: bool, whole: bool = False) -> Browser:
    """The first browser that really starts, in this order: CHROMIUM_PATH, Chromium's headless shell
    (half of the processor time; not where `whole` asks for more) on PATH or from Debian's package
    (root with apt-get, and `may_install`), `chromium` likewise, Playwright's own.

    Raises ServerMissing with the places that were tried.
    """
    tried: list[str] = []
    named = os.environ.get("CHROMIUM_PATH")
    if named:
        browser = _started(Path(named), "CHROMIUM_PATH")
        if browser is None:
            raise ServerMissing(f"CHROMIUM_PATH names {named}, which does not start.")
        return browser
    places: list[tuple[str, Callable[[], Path | None]]] = []
    for name in PROGRAMS[whole:]:
        places.append((f"{name} on PATH", partial(_which, name)))
        if may_install:
            places.append((f"Debian's {name}", partial(_debian_package, name)))
    places.append(("Playwright's own", _playwrights_own))
    if may_install:
        places.append(("Playwright's own, installed now", _install_playwrights_own))
    for origin, look in places:
        path = look()
        browser = _started(path, origin) if path is not None else None
        if browser is not None:
            return browser
        tried.append(origin)
    raise ServerMissing(
        f"No browser: CHROMIUM_PATH is not set, and none was found by {', '.join(tried)}. "
        "On Debian: apt-get install chromium."
    )


def _which(name: str) -> Path | None:
    found = shutil.which(name) or shutil.which(f"{name}-browser")  # Ubuntu's name
    return Path(found) if found else None


def _started(path: Path, origin: str) -> Browser | None:
    """`path` as a Browser when it can say its version. Its home is temporary: Debian's wrapper
    and Chromium itself write there, and an ordinary user's may not exist."""
    if not path.is_file():
        return None
    with tempfile.TemporaryDirectory(prefix="mgbrowser-") as home:
        try:
            said = subprocess.run(
                [str(path), "--no-sandbox", "--version"],
                env={**os.environ, "HOME": home},
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    lines = said.stdout.strip().splitlines()
    if said.returncode != 0 or not lines:
        return None
    return Browser(path=path, version=lines[-1].strip(), origin=origin)


def _debian_package(name: str) -> Path | None:
    """Takes no other package away. Where a `chromium` is there, the lists are what they are."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quick = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=20"]
    install = [*quick, "install", "-yq", "--no-install-recommends", "--no-remove", name]
    for words in (install,) if _which("chromium") else (["update", "-q"], install):
        done = subprocess.run(
            ["apt-get", *words], env=quiet, capture_output=True, timeout=600, check=False
        )
        if done.returncode != 0:
            return None
    return _which(name)


def _playwrights_own() -> Path | None:
    try:
        said = subprocess.run(
            [sys.executable, "-c", _PLAYWRIGHTS_OWN],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return Path(said.stdout.strip()) if said.returncode == 0 and said.stdout.strip() else None


def _install_playwrights_own() -> Path | None:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            capture_output=True,
            timeout=600,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return _playwrights_own() if done.returncode == 0 else None
