"""What a process costs: memory of a web worker, start of a command. Mails: `measure_mails`.

Memory is the resident size of gunicorn's worker, in the shape of production, under load for
BENCH_LOAD_SECONDS (600).
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from benchmarks import serving
from benchmarks.verdicts import judge, size

STARTS = size("BENCH_STARTS", 7, 1)
SECONDS = size("BENCH_LOAD_SECONDS", 600, 10)
BROWSERS = 4
PEOPLE = 2 * BROWSERS + 1  # as `measure_pages.fill` makes them; the last one has accesses
PAGES = (
    "/services/",
    "/m-gestion/",
    "/m-gestion/demande/",
    "/compte/",
    "/cgu/",
    "/roles/",
    "/aide/",
)
DESK = ("/admin/", "/admin/registrations/request/")  # refused here, but its code is loaded


def run() -> Iterable[str]:
    yield from serving.beside_servers(__name__)


def resident(process_id: int) -> int:
    """MB."""
    status = Path(f"/proc/{process_id}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) // 1024


def load(site: serving.Site, until: float, person: str, *, agent: bool) -> None:
    """One browser that logs in and looks at every page, over and over."""
    browser = serving.Site(site.port, 0)
    while time.monotonic() < until:
        browser.log_in("/cas/login", "username", person)
        for page in (*PAGES, *(DESK if agent else ())):
            browser.call(page)


def memory() -> Iterable[str]:
    """Four browsers at once on the worker of production: gthread, argon2."""
    env = serving.environment()
    with serving.served("production", env) as site:
        (worker,) = serving.list_children(site.process_id)
        began, samples = time.monotonic(), []
        # Each with an account of its own: attempts of one account at once are slowed down.
        people = [f"p{number}@garage.example.org" for number in range(BROWSERS + 1, PEOPLE)]
        with ThreadPoolExecutor(BROWSERS) as browsers:
            busy = [
                browsers.submit(load, site, began + SECONDS, person, agent=person == people[0])
                for person in people
            ]
            while time.monotonic() < began + SECONDS:
                time.sleep(SECONDS / 20)
                samples.append(resident(worker))
            for browser in busy:
                browser.result()
    settled, at_end = max(samples[: len(samples) // 2]), max(samples)
    more = f"{SECONDS} s of load by four browsers"
    yield judge("memory of a web worker, gthread and argon2", at_end, 150, " MB", more=more)
    yield judge("   its end / its first half", at_end / settled, 1.05)


def starts() -> Iterable[str]:
    """The plan of a portal with nothing due, whole processes; in turns with a bare Django."""
    bare = "import django; from django.conf import settings; settings.configure(); django.setup()"
    commands = {
        "command": [sys.executable, "manage.py", "lifecycle", "plan"],
        "check": [sys.executable, "manage.py", "check"],
        "bare": [sys.executable, "-c", bare],
    }
    spent: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(STARTS):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(
                command,
                cwd=serving.ROOT,
                env=serving.environment(),
                stdout=subprocess.DEVNULL,
                check=True,
            )
            spent[name].append(time.perf_counter() - began)
    took = {name: median(values) for name, values in spent.items()}
    more = f"all the checks {took['check']:.2f} s; bare Django {took['bare']:.2f} s"
    yield judge("start of a command", took["command"], 1.5, " s", more=more)


def main() -> None:
    import django

    django.setup()
    from django.conf import settings

    from benchmarks.measure_pages import fill

    settings.PASSWORD_HASHERS = serving.CHEAP
    fill(BROWSERS)
    for part in (memory, starts):
        for line in part():
            sys.stdout.write(f"· {line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
