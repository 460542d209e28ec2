"""The whole portal as production runs it, behind a real Caddy and through a real PgBouncer: from
the sign-up to the accepted request, and what the proxy adds and hides.
"""

import contextlib
import json
import os
import re
import uuid
from collections.abc import Iterator
from urllib.parse import urljoin

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from tests.browser.portal import link_in
from tests.factories.factors import code
from tests.outbox.sink import Sink
from tests.servers.errors import ServerMissing
from tests.servers.pgbouncer import pgbouncer_server
from tests.servers.processes import wait_until
from tests.servers.redis import Redis
from tests.servers.stack import NATIONAL, STAFF_PASSWORD, Stack, production_stack
from tests.servers.visitor import REQUEST_ANSWERS, Page, Visitor

pytestmark = pytest.mark.postgres
PASSWORD = "Été du garage 2026"
ADDRESS = "camille.essai@garage-lumiere.example.org"


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


@pytest.fixture(scope="module")
def stack(
    sink: Sink,
    redis_server: Redis,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
) -> Iterator[Stack]:
    here = connection.settings_dict
    name = f"stack_{uuid.uuid4().hex[:8]}"
    where = {"host": here["HOST"], "user": here["USER"], "dbname": "postgres"}
    template = os.environ.get("TEST_DATABASE_TEMPLATE", "template1")
    with contextlib.ExitStack() as opened:
        link = opened.enter_context(psycopg.connect(**where, autocommit=True))
        link.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        opened.callback(lambda: link.execute(f"DROP DATABASE {name} WITH (FORCE)"))
        try:
            pooler = opened.enter_context(
                pgbouncer_server(str(here["HOST"]), str(here["USER"]), size=4)
            )
            running = opened.enter_context(
                production_stack(
                    tmp_path_factory.mktemp("stack"),
                    database_url=f"postgres://{here['USER']}@/{here['HOST']}/{name}",
                    pooled_url=pooler.url(name, str(here["USER"])),
                    redis_url=redis_server.url,
                    smtp_url=sink.url,
                    body_max="2MB",
                    WEB_PROCESSES="1",
                )
            )
        except ServerMissing as trouble:
            pytest.skip(str(trouble))
        yield running


def wait_for_mail(sink: Sink, stack: Stack, address: str, subject: str) -> str:
    """The first link of the latest mail to `address` about `subject`."""

    def find() -> list[object]:
        return [
            mail
            for mail in sink.mails
            if address in str(mail["To"]) and subject in str(mail["Subject"])
        ]

    wait_until(lambda: bool(find()), *stack.children.values())
    return link_in(find()[-1], stack.url)  # type: ignore[arg-type]


def log_in(visitor: Visitor, start: str, address: str, password: str) -> Page:
    return visitor.submit(visitor.get(start), "password", username=address, password=password)


@pytest.mark.req("S13", "S24", "D62")
def test_from_the_sign_up_to_the_accepted_request(stack: Stack, sink: Sink) -> None:
    person = Visitor(stack.url, stack.authority)
    sent = person.submit(person.get("/inscription/"), "email2", email=ADDRESS, email2=ADDRESS)
    assert "Consultez votre messagerie" in sent.text
    page = person.get(wait_for_mail(sink, stack, ADDRESS, "mot de passe"))
    page = person.submit(page, "password2", password1=PASSWORD, password2=PASSWORD, terms="on")
    assert page.status == 200
    page = log_in(person, "/app/authenticate/automobile", ADDRESS, PASSWORD)
    page = person.submit(
        page,
        "siret",
        **REQUEST_ANSWERS,
    )
    found = re.search(r"/([A-Z0-9-]{6,})/?(\?|$)", page.url)
    assert found, (page.url, page.text[:3000])
    reference = found[1]
    wait_for_mail(sink, stack, ADDRESS, "enregistrée")

    agent = Visitor(stack.url, stack.authority)
    page = log_in(agent, "/admin/", NATIONAL, STAFF_PASSWORD)
    page = agent.submit(page, "code", code=code(timezone.now()))
    page = agent.get(f"/admin/registrations/request/?q={reference}")
    (address,) = set(
        re.findall(r'href="(/admin/registrations/request/[0-9a-f-]{36}/[^"?]*)', page.text)
    )
    page = agent.get(address)
    page = agent.submit(page, "role")
    assert "acceptée" in page.text
    wait_for_mail(sink, stack, ADDRESS, "acceptée")

    mails = [mail for mail in sink.mails if ADDRESS in str(mail["To"])]
    assert {str(mail["From"]) for mail in mails} == {
        "Espace de connexion <ne-pas-repondre@portail.example.org>"
    }


@pytest.mark.req("S13", "S24")
def test_the_proxy_adds_hides_and_believes_what_it_should(stack: Stack) -> None:
    forged = {"X-Forwarded-For": "198.51.100.66", "X-Request-ID": "forged-by-the-client"}
    visitor = Visitor(stack.url, stack.authority, **forged, Forwarded="for=198.51.100.66")
    page = visitor.get("/inscription/")
    headers = page.response.headers
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in headers
    cookies = page.response.raw.headers.getlist("Set-Cookie")
    assert cookies
    assert all("Secure" in each and each.startswith("__Host-") for each in cookies)
    seen = headers["X-Request-ID"]
    assert seen != "forged-by-the-client"
    # The client's address is the one that the proxy saw, whatever the client wrote.
    lines = [json.loads(line) for line in stack.read_log("web") if line.startswith("{")]
    (line,) = (one for one in lines if one.get("request_id") == seen and "client" in one)
    assert line["client"] in ("127.0.0.1", "::1")
    assert not any("198.51.100.66" in json.dumps(one) for one in lines)

    for address in ("/metrics", "/readyz"):
        assert visitor.get(address).status == 404, address
    assert visitor.get("/healthz").status == 200
    assert visitor.get("/nulle-part/").status == 404


def test_a_full_temporary_folder_kills_no_web_process(stack: Stack) -> None:
    """It maps the files of its figures: the system kills who writes to a page without room."""
    assert stack.environment["TMPDIR"] == str(stack.folder)
    assert not list(stack.folder.glob("mgestion-metrics-*"))


@pytest.mark.req("S13", "S24")
def test_the_proxy_serves_static_files_itself_under_the_portals_headers(stack: Stack) -> None:
    visitor = Visitor(stack.url, stack.authority)
    page = visitor.get("/cas/login")
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    (style,) = (address for address in files if address.endswith(".css"))
    fonts = re.findall(r"[^\"'(]+\.woff2", visitor.get(style).text)
    files |= {urljoin(style, font) for font in fonts}
    assert len(files) >= 4, files
    kept = (
        *("Cross-Origin-Opener-Policy", "Permissions-Policy", "Referrer-Policy"),
        *("Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options"),
    )
    for address in files:
        static = visitor.get(address).response
        assert static.status_code == 200
        assert "X-Request-ID" not in static.headers, "the workers are not asked"
        assert static.headers["Cache-Control"] == "max-age=315360000, public, immutable"
        if not address.endswith("woff2"):
            assert static.headers["Content-Encoding"] in ("gzip", "br")
            assert "Accept-Encoding" in static.headers["Vary"]
        for name in kept:
            assert static.headers[name] == page.response.headers[name], name
        assert "default-src 'none'" in static.headers["Content-Security-Policy"]
        # A file that the volume lacks comes from the portal, and so does one by its plain name.
        plain = re.sub(r"\.[0-9a-f]{12}\.", ".", address)
        away = visitor.get(address.replace(".", ".000000000000.", 1)).response
        assert [away.status_code, visitor.get(plain).status] == [404, 200]
        assert "X-Request-ID" in away.headers


def test_bodies_end_at_the_proxys_limit_and_a_web_that_is_away_is_said(stack: Stack) -> None:
    visitor = Visitor(stack.url, stack.authority)
    visitor.get("/inscription/")  # without its cookie the portal refuses before it reads the body
    large = visitor.session.post(
        f"{stack.url}/inscription/",
        files={"paper": b"a" * 3_000_000},
        headers={"Origin": stack.url},
        timeout=60,
    )
    assert (large.status_code, "trop volumineux" in large.text) == (413, True)
    assert visitor.get("/healthz").status == 200, "and nobody else pays for it"
    stack.kill("web")
    away = visitor.get("/")
    assert (away.status, away.response.headers["Retry-After"]) == (503, "30")
    assert "Service momentanément indisponible" in away.text
    stack.start("web")
    stack.wait()
    assert visitor.get("/").status == 200
