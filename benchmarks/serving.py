"""The applications that `measure_pages` and `measure_process` put behind gunicorn, and a client.

One sync worker each, on this machine's PostgreSQL; the client opens a connection a request, as it
does for all of them. Passwords are hashed cheaply here: their cost is measured apart.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from tests.servers.processes import free_port

ROOT: Final = Path(__file__).resolve().parents[1]
CHEAP: Final = ["django.contrib.auth.hashers.MD5PasswordHasher"]
PASSWORD: Final = "Tramway-Bleu-2026"
PAST: Final = 200  # sessions of those who logged in often
HOST: Final = "127.0.0.1:8000"  # the portal's public address, whatever port it listens on here


def portal() -> Any:
    """The whole portal; without the limits that a benchmark would meet."""
    return _made(LOGINS_PER_IP=(10**9, timedelta(minutes=1)))


def floor() -> Any:
    """Django's default middlewares and one SELECT (`benchmarks.floor`)."""
    from benchmarks.floor import MIDDLEWARE

    return _made(MIDDLEWARE=MIDDLEWARE)


def stock() -> Any:
    """django-allauth as its documentation sets it up (`benchmarks.stock_allauth`)."""
    return _made()


def _made(**changed: Any) -> Any:
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler

    settings.PASSWORD_HASHERS = CHEAP
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
        text = answer.read().decode()
        spent = time.perf_counter() - began
        connection.close()
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
        **more,
    }


@contextlib.contextmanager
def served(factory: str, env: Mapping[str, str], *options: str) -> Iterator[Site]:
    """`factory`: a name of this module. The server is warm when it is yielded."""
    port = free_port()
    bind = ("-b", f"127.0.0.1:{port}", "-w", "1", "--log-level", "error", *options)
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


def beside_servers(module: str) -> Iterator[str]:
    """Runs `module` beside a PostgreSQL of its own; the lines of its report."""
    import tempfile

    done = subprocess.run(
        [sys.executable, "-m", "tests.servers.with_servers", sys.executable, "-m", module],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=environment(DATA_DIR=tempfile.mkdtemp(prefix="mgbench-")),
    )
    yield from (line for line in done.stdout.splitlines() if line.startswith("·"))
