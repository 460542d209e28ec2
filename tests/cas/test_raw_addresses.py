"""Chromium, and a platform that recomputes its own address as the common clients do (L14, V8)."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

import pytest
from cas import CASClient
from django.utils import timezone
from playwright.sync_api import Page

from tests.factories.cas import make_platform, make_visitor
from tests.factories.habilitations import load_reference
from tests.factories.people import ADDRESS, PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def platform(live_server: Any) -> Iterator[str]:
    """The origin of a platform whose `service` is what its own request says, to the character."""
    load_reference()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            own, _, ticket = f"{origin}{self.path}".partition("ticket=")
            own = own.rstrip("?&")
            if not ticket:
                self.send_response(302)
                query = urlencode({"service": own})
                self.send_header("Location", f"{live_server.url}/cas/login?{query}")
                self.end_headers()
                return
            client = CASClient(version=3, server_url=f"{live_server.url}/cas/", service_url=own)
            with client.session:
                name = client.verify_ticket(ticket)[0]
            self.send_response(200 if name else 401)
            self.end_headers()
            self.wfile.write(f"entered: {name} at {self.path}".encode())

        def log_message(self, *arguments: object) -> None:
            """Not in the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    make_visitor(make_platform(origin=origin), now=timezone.now())
    try:
        yield origin
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.cas("L14", "V8")
@pytest.mark.req("R8", "R28")
def test_what_a_browser_leaves_in_an_address_survives_the_login(
    page: Page, live_server: Any, platform: str
) -> None:
    page.goto(f"{live_server.url}/cas/login")
    page.locator("[name=username]").fill(ADDRESS)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_load_state()
    for path in (
        "/x?f=a|b", "/x?f={x}", "/x?f=a^b`c", "/x?f=é à", "/x?f=l'eau", '/x?f="<>"',
        "/x?f=[1]+%20%", "/x|y?f", "", "/index.php?", "/index.php#/route", "/a?b=c&d=e%26f",
    ):  # fmt: skip
        page.goto(f"{platform}{path}")
        assert "entered: " in page.inner_text("body"), (path, page.url, page.inner_text("body"))
        assert "None" not in page.inner_text("body"), path
