"""CAS: a ticket issued from a live session and validated, against a bare view with one SELECT.

Both run on this machine's PostgreSQL, through WSGI in one process, in turns: the floor is Django's
default middlewares and a view with one SELECT by primary key. BENCH_TICKETS (300) pairs.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
PAIRS = int(os.environ.get("BENCH_TICKETS", "300"))
SERVICE = "https://contributions.example.org/app/entree"


def run() -> Iterable[str]:
    """Starts a database, then measures in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.servers.with_servers", sys.executable, "-m", __name__],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mgestion.settings",
            "MGESTION_MODE": "embedded",
            "MGESTION_TESTING": "1",
            "DATA_DIR": tempfile.mkdtemp(prefix="mgbench-"),
        },
    )
    yield from (line for line in done.stdout.splitlines() if line.startswith("·"))


def call(application: Any, url: str, cookie: str = "") -> tuple[str, dict[str, str], bytes]:
    """One GET through WSGI: status, headers, body."""
    parts = urlsplit(url)
    heard: dict[str, Any] = {}

    def start(
        status: str, headers: list[tuple[str, str]], error: Any = None
    ) -> Callable[..., None]:
        heard.update(status=status, headers=dict(headers))
        return lambda data: None

    answer = application(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "HTTP_COOKIE": cookie,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        },
        start,
    )
    body = b"".join(answer)
    answer.close()
    return heard["status"], heard["headers"], body


def medians(acts: dict[str, Callable[[], object]], times: int) -> dict[str, float]:
    """The median of each in ms, taken in turns: a noisy moment is noisy for all of them."""
    spent: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(times + times // 10):
        for name, act in acts.items():
            began = time.perf_counter()
            act()
            if turn >= times // 10:  # the first tenth warms up
                spent[name].append(time.perf_counter() - began)
    return {name: median(values) * 1000 for name, values in spent.items()}


def main() -> None:
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import override_settings
    from django.utils import timezone

    from accounts.entry.demo import make_account
    from accounts.entry.models import SessionRecord
    from accounts.habilitations.accesses.models import Access, Establishment
    from accounts.habilitations.platforms.models import Platform, ServiceRule
    from benchmarks import floor
    from mgestion.wsgi import application

    call_command("migrate", verbosity=0)
    call_command("load_reference")
    now = timezone.now()
    platform = Platform.objects.get(code="m-contributions")
    ServiceRule.objects.create(
        platform=platform, origin="https://contributions.example.org", path="/"
    )
    user = make_account("jeanne.essai@garage.example.org", "Tramway-Bleu-2026", now=now)
    place = Establishment.objects.create(
        siret="73282932000074", kind="entreprise", name="Essai", department_id="75", created_at=now
    )
    Access.objects.create(
        user=user, platform=platform, establishment=place, role="gestionnaire", granted_at=now
    )
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: "accounts.entry.login.backends.PasswordBackend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            "started_at": int(now.timestamp()),
            "seen_at": int(now.timestamp()),
        }
    )
    session.create()
    SessionRecord.objects.create(
        user=user, session_key=str(session.session_key), epoch=0, started_at=now, seen_at=now
    )
    cookie = f"sessionid={session.session_key}"
    service = quote(SERVICE, safe="")

    def issue() -> str:
        status, headers, _ = call(application, f"/cas/login?service={service}", cookie)
        assert status.startswith("303"), (status, headers)
        return parse_qs(urlsplit(headers["Location"]).query)["ticket"][0]

    def validate(ticket: str) -> None:
        _, _, body = call(application, f"/cas/p3/serviceValidate?service={service}&ticket={ticket}")
        assert b"authenticationSuccess" in body, body

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    validate(issue())
    seen: list[str] = []
    with connection.execute_wrapper(note):
        ticket = issue()
        issued = len(seen)
        validate(ticket)
    updates = sum(sql.lstrip().startswith("UPDATE") for sql in seen[issued:])

    with override_settings(MIDDLEWARE=floor.MIDDLEWARE):
        bare = WSGIHandler()

    # One session asks for all of them here.
    many = (1_000_000, timedelta(hours=1))
    with override_settings(CAS_TICKETS_PER_SESSION=many):
        taken = medians(
            {
                "floor": lambda: call(bare, "/"),
                "issue": issue,
                "pair": lambda: validate(issue()),
                "login": lambda: call(application, f"/cas/login?service={service}"),
            },
            PAIRS,
        )
    issuing, pair, login = taken["issue"], taken["pair"], taken["login"]
    floor_time = taken["floor"]
    out = sys.stdout.write
    out(f"· floor (default middlewares, one SELECT): {floor_time:.2f} ms\n")
    out(
        f"· ticket issued: {issuing:.2f} ms, {issued} statements; issued and validated: "
        f"{pair:.2f} ms, {len(seen)} statements, {updates} to consume\n"
    )
    out(f"· issued and validated / (2 x floor): {pair / (2 * floor_time):.2f} (goal 4)\n")
    out(f"· login page of a platform, GET: {login:.2f} ms, {login / floor_time:.2f} x floor\n")


if __name__ == "__main__":
    main()
