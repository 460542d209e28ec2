"""What a process costs: memory of a web worker, start of a command. Mails: `measure_mails`.

Memory is the resident size of gunicorn's worker after every page of a person was seen; the floor is
the same server with a bare view.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from benchmarks import serving

STARTS = 7
PAGES = (
    "/services/",
    "/m-gestion/",
    "/m-gestion/demande/",
    "/compte/",
    "/cgu/",
    "/roles/",
    "/aide/",
)


def run() -> Iterable[str]:
    yield from serving.beside_servers(__name__)


def resident(process_id: int) -> int:
    """MB."""
    status = Path(f"/proc/{process_id}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) // 1024


def worker_of(master: int) -> int:
    """gunicorn's only child."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return int(children[0])


def memory() -> Iterable[str]:
    sizes = {}
    env = serving.environment()
    for name in ("portal", "floor"):
        with serving.served(name, env) as site:
            if name == "portal":
                site.log_in("/cas/login", "username", "p2@garage.example.org")
                for _ in range(20):
                    for page in PAGES:
                        site.get(page)
            else:
                for _ in range(140):
                    site.get("/")
            sizes[name] = resident(worker_of(site.process_id))
    yield (
        f"memory of a web worker, warm: {sizes['portal']} MB (goal 100); with the portal's apps "
        f"and a bare view {sizes['floor']} MB"
    )


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
    yield (
        f"start of a command: {took['command']:.2f} s (goal 1.5); with all the checks "
        f"{took['check']:.2f} s; bare Django {took['bare']:.2f} s"
    )


def main() -> None:
    import django

    django.setup()
    from django.conf import settings

    from benchmarks.measure_pages import fill

    settings.PASSWORD_HASHERS = serving.CHEAP
    fill(1)
    for part in (memory, starts):
        for line in part():
            sys.stdout.write(f"· {line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
