"""The platform's web server: three pages, one address for tickets and logouts."""

from __future__ import annotations

import re
import sys
import threading
import time
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, cast
from urllib.parse import parse_qs, urlsplit

from mgestion.launch.demo_platform import pages
from mgestion.launch.demo_platform.memory import Memory
from mgestion.launch.demo_platform.portal import Portal, PortalTrouble, TicketRefused

HOST: Final = "127.0.0.1"
COOKIE: Final = "campus"
HTML: Final = "text/html; charset=utf-8"
POLL_SECONDS: Final = 1.0  # the API takes 120 calls a minute
_MOST_BYTES: Final = 20_000
_ASSETS: Final = {
    "/campus.css": "text/css; charset=utf-8",
    "/campus.js": "text/javascript; charset=utf-8",
    "/campus.svg": "image/svg+xml",
}
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_INDEX: Final = re.compile(r"<samlp:SessionIndex>([A-Za-z0-9-]{1,256})</samlp:SessionIndex>")


class PlatformServer(ThreadingHTTPServer):
    """Listens on this machine only. `portal` is asked when somebody looks at a page: the feed of
    changes costs nothing while nobody does.
    """

    daemon_threads = True

    def __init__(self, port: int, portal: Portal) -> None:
        super().__init__((HOST, port), Handler)
        self.portal = portal
        self.memory = Memory()
        self.trouble = ""
        self._asking = threading.Lock()
        self._asked_at = -POLL_SECONDS
        self._number: int | None = None
        self._fingerprint = ""

    @property
    def netloc(self) -> str:
        return f"{HOST}:{self.server_port}"

    def follow_changes(self, *, at_once: bool = False) -> None:
        """Reads what the portal has told since the last time; without `at_once`, not if that was
        a second ago, or if another page is asking.
        """
        if not self._asking.acquire(blocking=at_once):
            return
        try:
            if at_once or time.monotonic() - self._asked_at >= POLL_SECONDS:
                self._read_feed()
                self._asked_at = time.monotonic()
                self.trouble = ""
        except PortalTrouble as trouble:
            self.trouble = str(trouble)
        finally:
            self._asking.release()

    def _read_feed(self) -> None:
        if self._number is None:
            people, self._number = self.portal.list_people()
            self.memory.learn_people(people)
        more = True
        while more:
            page, self._fingerprint = self.portal.list_changes(self._number, self._fingerprint)
            if page is None:
                return
            self.memory.apply_changes(page["changes"])
            if page["next"] != self._number:
                self._number, self._fingerprint = page["next"], ""
            more = page["more"]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    timeout = 10  # seconds that a silent caller may hold a thread

    @property
    def _platform(self) -> PlatformServer:
        return cast(PlatformServer, self.server)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if self.headers.get("Host") != self._platform.netloc:
            # « localhost » is another site to a browser, with other cookies.
            self._redirect(f"http://{self._platform.netloc}/")
        elif parts.path == "/":
            self._show_home()
        elif parts.path == "/connexion":
            self._enter(parse_qs(parts.query).get("ticket", [""])[0])
        elif parts.path in _ASSETS:
            body = (Path(__file__).parent / parts.path[1:]).read_bytes()
            self._answer(HTTPStatus.OK, body, _ASSETS[parts.path])
        else:
            self._refuse(
                HTTPStatus.NOT_FOUND, "Page introuvable", "Cette adresse ne mène à rien ici."
            )

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Single logout: the portal's worker posts to the address of the ticket."""
        size = self.headers.get("Content-Length", "")
        if self.path != "/connexion" or not size.isdecimal() or int(size) > _MOST_BYTES:
            self._answer(HTTPStatus.BAD_REQUEST, b"", HTML)
            return
        form = parse_qs(self.rfile.read(int(size)).decode("utf-8", "replace"))
        found = _INDEX.search(form.get("logoutRequest", [""])[0])
        if found is None:
            self._answer(HTTPStatus.BAD_REQUEST, b"", HTML)
            return
        self._platform.memory.close_visit(found[1], datetime.now(UTC))
        self._answer(HTTPStatus.OK, b"", HTML)

    def _show_home(self) -> None:
        platform, portal = self._platform, self._platform.portal
        key = self._read_cookie()
        if platform.memory.find_visit(key):
            platform.follow_changes()
        found = platform.memory.find_visit(key)
        now = datetime.now(UTC)
        if found is None:
            self._show(HTTPStatus.OK, pages.render_welcome(portal))
        elif found[0].is_open:
            page = pages.render_session(portal, *found, platform.trouble, now)
            self._show(HTTPStatus.OK, page)
        else:
            page = pages.render_closed(portal, found[1], platform.trouble, now)
            self._show(HTTPStatus.OK, page)

    def _enter(self, ticket: str) -> None:
        platform = self._platform
        if self.command == "HEAD" or not ticket:
            self._redirect(platform.portal.login_url)
            return
        try:
            arrival = platform.portal.validate_ticket(ticket)
        except TicketRefused:
            self._refuse(
                HTTPStatus.FORBIDDEN,
                "Ticket refusé",
                "Le portail ne reconnaît pas ce ticket, ou il a déjà servi.",
            )
            return
        except PortalTrouble as trouble:
            self._refuse(HTTPStatus.BAD_GATEWAY, "Le portail ne répond pas", str(trouble))
            return
        # First what was told before: an access that ended and came back must not end this session.
        platform.follow_changes(at_once=True)
        key = platform.memory.open_visit(ticket, arrival, datetime.now(UTC))
        self._redirect("/", cookie=f"{COOKIE}={key}; Path=/; HttpOnly; SameSite=Lax")

    def _read_cookie(self) -> str:
        """By hand: the portal's cookies come along, since browsers do not tell ports apart."""
        for pair in self.headers.get("Cookie", "").split(";"):
            name, _, value = pair.strip().partition("=")
            if name == COOKIE:
                return value
        return ""

    def _refuse(self, status: HTTPStatus, title: str, text: str) -> None:
        self._show(status, pages.render_notice(self._platform.portal, title, text))

    def _show(self, status: HTTPStatus, page: str) -> None:
        self._answer(status, page.encode(), HTML)

    def _redirect(self, url: str, *, cookie: str = "") -> None:
        headers = {"Location": url}
        if cookie:
            headers["Set-Cookie"] = cookie
        self._answer(HTTPStatus.SEE_OTHER, b"", HTML, headers)

    def _answer(
        self, status: HTTPStatus, body: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": _POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Without the query: a ticket stands in it."""
        path = urlsplit(self.path).path
        status = code.value if isinstance(code, HTTPStatus) else code
        sys.stderr.write(f"{self.command} {path!r} {status}\n")
