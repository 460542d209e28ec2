"""The applications that the measures put behind gunicorn, and a client.

One worker each with the Dockerfile's options (gthread, 4 threads), on a durable PostgreSQL of this
machine; the client opens a connection a request, as it does for all of them. Passwords are hashed
cheaply, for their cost is measured apart, except by `production`.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlencode

from tests.servers.processes import free_port

ROOT: Final = Path(__file__).resolve().parents[1]
CHEAP: Final = ["django.contrib.auth.hashers.MD5PasswordHasher"]
PASSWORD: Final = "Tramway-Bleu-2026"
PAST: Final = 200  # sessions of those who logged in often
HOST: Final = "127.0.0.1:8000"  # the portal's public address, whatever port it listens on here


def portal() -> Any:
    """The whole portal. One session asks for all the tickets of a measure."""
    return _made(CAS_TICKETS_PER_SESSION=(10**6, timedelta(hours=1)))


def production() -> Any:
    """The same with argon2: a cheap hash is replaced at the first login."""
    from django.conf import settings

    return _made([*settings.PASSWORD_HASHERS, *CHEAP])


def floor() -> Any:
    """Django's default middlewares and one SELECT (`benchmarks.floor`)."""
    from benchmarks.floor import MIDDLEWARE

    return _made(MIDDLEWARE=MIDDLEWARE)


def stock() -> Any:
    """django-allauth as its documentation sets it up (`benchmarks.stock_allauth`)."""
    return _made()


def _made(hashers: Sequence[str] = CHEAP, **changed: Any) -> Any:
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler

    settings.PASSWORD_HASHERS = list(hashers)
    settings.ACCOUNT_RATE_LIMITS = False
    django.setup()
    for name, value in changed.items():
        setattr(settings, name, value)
    return WSGIHandler()


@dataclass
class Site:
    """A running server and the cookies of whoever looks at it."""

    port: int
    process_id: int
    cookies: dict[str, str] = field(default_factory=dict)
    location: str = ""  # of the last redirect

    def call(self, path: str, posted: Mapping[str, str] | None = None) -> tuple[int, str, float]:
        """Status, body, and the seconds that it took."""
        headers = {"Host": HOST, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if posted is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(posted)
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET" if posted is None else "POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        spent = time.perf_counter() - began
        connection.close()
        self.location = answer.headers.get("Location", "")
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text, spent

    def get(self, path: str) -> float:
        status, text, spent = self.call(path)
        assert status == 200, (path, status, text[:500])
        return spent

    def log_in(self, path: str, field_name: str, who: str) -> float:
        """The login's POST alone, by a browser that was never seen."""
        self.cookies.clear()
        _, page, _ = self.call(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page[:500]
        said = {"csrfmiddlewaretoken": token[1], field_name: who, "password": PASSWORD}
        status, text, spent = self.call(path, said)
        assert status in (302, 303) and "sessionid" in self.cookies, (status, text[:2000])
        return spent


def environment(**more: str) -> dict[str, str]:
    """The portal's, on the PostgreSQL of DATABASE_URL; kept from the tests' settings."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "mgestion.settings",
        "MGESTION_MODE": "embedded",
        "MGESTION_TESTING": "1",
        "DURABLE": "1",
        "MALLOC_MMAP_THRESHOLD_": "1048576",  # as in the Dockerfile
        **more,
    }


@contextlib.contextmanager
def served(factory: str, env: Mapping[str, str], *options: str) -> Iterator[Site]:
    """`factory`: a name of this module. The server is warm when it is yielded."""
    port = free_port()
    shape = ("-w", "1", "--worker-class", "gthread", "--threads", "4", "--no-control-socket")
    bind = ("-b", f"127.0.0.1:{port}", *shape, "--log-level", "error", *options)
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", f"benchmarks.serving:{factory}()", *bind],
        cwd=ROOT,
        env=dict(env),
    )
    try:
        site = Site(port, process.pid)
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                site.call("/")
                break
            assert time.monotonic() < deadline and process.poll() is None, factory
            time.sleep(0.1)
        site.cookies.clear()
        yield site
    finally:
        process.terminate()
        process.wait(30)


def processor(master: int) -> float:
    """Seconds of processor that a process and its children have used, those that ended included."""
    ticks = sum(int(ticks) for ticks in read_stat(master)[11:15])  # its own, then of ended children
    for child in list_children(master):
        with contextlib.suppress(OSError):  # it ends as we look
            ticks += sum(int(spent) for spent in read_stat(child)[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def list_children(process_id: int) -> list[int]:
    words = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    return [int(word) for word in words]


def read_stat(process_id: int) -> list[str]:
    """From the state on: what stands before may hold blanks."""
    return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()


def medians(acts: Mapping[str, Callable[[], object]], times: int) -> dict[str, float]:
    """The median of each in ms, taken in turns: a noisy moment is noisy for all of them."""
    spent: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(times + times // 10):
        for name, act in acts.items():
            began = time.perf_counter()
            act()
            if turn >= times // 10:  # the first tenth warms up
                spent[name].append(time.perf_counter() - began)
    return {name: median(values) * 1000 for name, values in spent.items()}


def beside_servers(module: str) -> Iterator[str]:
    """Runs `module` beside a durable PostgreSQL of its own; the lines of its report as they come.
    Raises CalledProcessError when it fails.
    """
    command = [sys.executable, "-m", "tests.servers.with_servers", sys.executable, "-m", module]
    with tempfile.TemporaryDirectory(prefix="mgbench-") as folder:
        with subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(DATA_DIR=folder),
        ) as measuring:
            for line in measuring.stdout or ():
                if line.startswith("·"):
                    yield line.rstrip()
    if measuring.returncode:
        raise subprocess.CalledProcessError(measuring.returncode, command)
