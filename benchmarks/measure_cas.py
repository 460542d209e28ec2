"""CAS: a ticket issued from a live session and validated, against a bare view with one SELECT.

Both behind gunicorn, asked in turns: the floor is that of `measure_pages`. Statements are counted
in this process. BENCH_TICKETS (300) pairs.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from benchmarks import serving
from benchmarks.verdicts import judge, size

PAIRS = size("BENCH_TICKETS", 300, 10)
SERVICE = "https://contributions.example.org/app/entree"


def run() -> Iterable[str]:
    yield from serving.beside_servers(__name__)


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


def main() -> None:
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from accounts.entry.demo import make_account
    from accounts.entry.models import SessionRecord
    from accounts.habilitations.accesses.models import Access, Establishment
    from accounts.habilitations.platforms.models import Platform, ServiceRule
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

    env = serving.environment()
    with serving.served("portal", env) as ours, serving.served("floor", env) as floor:
        ours.cookies["sessionid"] = str(session.session_key)
        platform_site = serving.Site(ours.port, 0)

        def issue_there() -> str:
            status, text, _ = ours.call(f"/cas/login?service={service}")
            assert status == 303, (status, text[:500])
            return parse_qs(urlsplit(ours.location).query)["ticket"][0]

        def validate_there(ticket: str) -> None:
            path = f"/cas/p3/serviceValidate?service={service}&ticket={ticket}"
            _, text, _ = platform_site.call(path)
            assert "authenticationSuccess" in text, text

        taken = serving.medians(
            {
                "floor": lambda: floor.get("/"),
                "issue": issue_there,
                "pair": lambda: validate_there(issue_there()),
                "login": lambda: platform_site.get(f"/cas/login?service={service}"),
            },
            PAIRS,
        )
    bare, pair = taken["floor"], taken["pair"]
    login = f"{taken['login']:.2f} ms, {taken['login'] / bare:.2f} x floor"
    for line in (
        f"floor (default middlewares, one SELECT): {bare:.2f} ms",
        judge(
            "issued and validated / (2 x floor)",
            pair / (2 * bare),
            4,
            more=f"issued {taken['issue']:.2f} ms, {issued} statements; "
            f"pair {pair:.2f} ms, {len(seen)} statements",
        ),
        judge("statements to consume a ticket", updates, 1),
        f"login page of a platform, GET: {login}",
    ):
        sys.stdout.write(f"· {line}\n")


if __name__ == "__main__":
    main()
