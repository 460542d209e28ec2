"""Two platforms that people enter by single sign-on, one of which hangs at times, and the people
who enter both and log out.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from benchmarks.chaos.people import Client, LostAnswer, ask_again
from benchmarks.chaos.told import Told
from tests.servers.visitor import Page

RIDER_PASSWORD: Final = "Tramway-Bleu-2026"  # of fictional people
PROMPT: Final = "m-contributions"
HANGING: Final = "m-campus-entreprise"
_INDEX: Final = re.compile(r"<samlp:SessionIndex>([^<]+)</samlp:SessionIndex>")
_REST: Final = 2.0  # seconds between two visits of one person


class Platform:
    """Its server takes single logouts; `code` is the platform's in the portal."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.service = f"https://{code}.example.org/entree"  # its browser side: nobody goes there
        self.told: list[tuple[str, float]] = []  # ticket, monotonic moment
        self._answers = threading.Event()
        self._answers.set()
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if not platform._answers.is_set():
                    platform._answers.wait(60)
                    self.close_connection = True  # what came while it hung is lost there
                    return
                (index,) = _INDEX.findall(parse_qs(body)["logoutRequest"][0])
                platform.told.append((index, time.monotonic()))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Not in the report."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.logout_url = f"http://127.0.0.1:{self._server.server_port}/logout"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,))
        self._thread.start()

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """Connections and requests are taken, and nothing is answered."""
        self._answers.clear()
        try:
            yield
        finally:
            self._answers.set()

    def close(self) -> None:
        self._answers.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Rider:
    """Somebody with an access to both platforms: enters them and logs out, again and again."""

    def __init__(
        self,
        address: str,
        url: str,
        authority: Path,
        platforms: tuple[Platform, ...],
        told: Told,
        stop: threading.Event,
    ) -> None:
        self.address, self.url, self.authority = address, url, authority
        self.platforms, self.told, self.stop = platforms, told, stop

    def ride(self, enough: threading.Event) -> None:
        while not enough.is_set():
            self._visit_once()
            enough.wait(_REST)

    def _visit_once(self) -> None:
        visitor = Client(self.url, self.authority)
        if ask_again(lambda: self._log_in(visitor), self.told, self.stop) is None:
            return
        inside: dict[str, str] = {}  # validated ticket → platform
        for platform in self.platforms:
            ask_again(lambda one=platform: self._enter(visitor, one, inside), self.told, self.stop)  # type: ignore[misc]  # bound at once
        if ask_again(lambda: _log_out(visitor), self.told, self.stop) is not None:
            for ticket, code in inside.items():
                self.told.note_end(ticket, code)

    def _log_in(self, visitor: Client) -> Page:
        page = visitor.get("/cas/login")
        if 'type="password"' in page.text:
            page = visitor.submit(page, "password", username=self.address, password=RIDER_PASSWORD)
        if 'type="password"' in page.text:
            raise LostAnswer
        return page

    def _enter(self, visitor: Client, platform: Platform, inside: dict[str, str]) -> Page:
        service = quote(platform.service, safe="")
        answer = visitor.session.get(
            f"{self.url}/cas/login?service={service}", timeout=60, allow_redirects=False
        )
        onward = answer.headers.get("Location", "")
        if not onward.startswith(platform.service):
            raise LostAnswer
        (ticket,) = parse_qs(urlsplit(onward).query)["ticket"]
        self.told.note("entered", ticket)
        page = Client(self.url, self.authority).get(
            f"/cas/p3/serviceValidate?service={service}&ticket={ticket}"
        )
        if "authenticationSuccess" not in page.text:
            raise LostAnswer
        inside[ticket] = platform.code
        return page


def _log_out(visitor: Client) -> Page:
    page = visitor.get("/cas/logout")
    if "déconnecté" not in page.text:
        raise LostAnswer
    return page
