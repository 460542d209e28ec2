"""The demo's second platform as a site: who comes in, what it shows, what it does when told."""

import http.client
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from accounts.cas.single_logout.sessions_to_end import build_logout_body
from mgestion.launch.demo_platform import server as site
from mgestion.launch.demo_platform.portal import Arrival, Portal, PortalTrouble, TicketRefused
from mgestion.launch.demo_platform.wording import format_time

ADA = "6f1c0000-0000-4000-8000-000000000001"
TICKET = "ST-abc"
AT = "2026-03-17T08:00:00Z"
RIGHT = {
    "id": "c0a8",
    "role": "gestionnaire",
    "siret": "99990005300011",
    "establishment": "Cycles <Orion>",
    "granted_at": "2026-03-01T09:00:00Z",
}
ACCESS = {"id": "c0a8", "role": "gestionnaire", "siret": "99990005300011"}


@dataclass
class ToldPortal(Portal):
    """A portal that says what the test wants."""

    told: list[dict[str, Any]] = field(default_factory=list)
    down: bool = False

    def validate_ticket(self, ticket: str) -> Arrival:
        if ticket != TICKET:
            raise TicketRefused
        return Arrival(ADA, (("mail", "ada@example.org"), ("role", "gestionnaire")))

    def list_people(self) -> tuple[list[dict[str, Any]], int]:
        return [{"subject": ADA, "active": True, "habilitations": [RIGHT]}], 0

    def list_changes(self, since: int, known: str) -> tuple[dict[str, Any] | None, str]:
        if self.down:
            raise PortalTrouble("Le portail ne répond pas.")
        return {"changes": self.told[since:], "next": len(self.told), "more": False}, ""

    def tell(self, kind: str, **more: Any) -> None:
        line = {"kind": kind, "subject": ADA, "at": AT, "access": None, "habilitation": None}
        self.told.append({**line, **more})


@dataclass
class Browser:
    """Keeps the platform's cookie, and sends one of the portal's along as browsers do."""

    port: int
    cookie: str = ""

    def ask(self, path: str, method: str = "GET", body: str = "", host: str = "") -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Cookie": f'messages="[[1, 2]]"; {self.cookie}'}
        headers |= {"Host": host} if host else {}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if given := answer.headers["Set-Cookie"]:
            self.cookie = given.partition(";")[0]
        return Answer(answer.status, answer.headers, text)

    def enter(self) -> str:
        assert self.ask(f"/connexion?ticket={TICKET}").status == 303
        return self.page()

    def page(self) -> str:
        return str(self.ask("/").text)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    text: str


@pytest.fixture
def portal() -> ToldPortal:
    return ToldPortal("http://127.0.0.1:9", "http://127.0.0.1:8001/connexion", "token")


@pytest.fixture
def visitor(portal: ToldPortal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setattr(site, "POLL_SECONDS", 0.0)
    with site.PlatformServer(0, portal) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield Browser(server.server_port)
        server.shutdown()
        thread.join()


def log_out(visitor: Browser, ticket: str) -> int:
    """As the portal's worker does."""
    told = build_logout_body(ticket, request_id="LR-1", now=datetime.now(UTC))
    return int(visitor.ask("/connexion", "POST", urlencode({"logoutRequest": told})).status)


@pytest.mark.req("R1", "R59", "R60", "D36")
def test_a_ticket_opens_a_session_that_shows_who_came_and_with_which_role(visitor: Browser) -> None:
    assert "Bienvenue" in visitor.page()
    sent = visitor.ask("/connexion")
    assert sent.headers["Location"].startswith("http://127.0.0.1:9/cas/login?service=http%3A%2F%2F")
    page = visitor.enter()
    assert "Session ouverte" in page
    assert "ada@example.org" in page
    assert "Gestionnaire" in page
    assert "Cycles &lt;Orion&gt;" in page  # what comes from outside is no markup
    assert "999\u00a0900\u00a0053\u00a000011" in page
    assert "Bienvenue" in Browser(visitor.port).page()  # nobody else is in


@pytest.mark.parametrize("query", ["?ticket=ST-invente", "?ticket=%3Cb%3E"])
def test_a_ticket_that_the_portal_does_not_know_opens_nothing(visitor: Browser, query: str) -> None:
    refused = visitor.ask(f"/connexion{query}")
    assert (refused.status, visitor.cookie) == (403, "")
    assert "Ticket refusé" in refused.text


@pytest.mark.req("D36", "R60")
def test_single_logout_closes_the_session_of_its_ticket(visitor: Browser) -> None:
    visitor.enter()
    assert log_out(visitor, "ST-autre") == 200
    assert "Session ouverte" in visitor.page()
    assert log_out(visitor, TICKET) == 200
    page = visitor.page()
    assert "Session fermée par le portail" in page
    assert "Déconnexion unique" in page
    assert "ada@example.org" not in page


@pytest.mark.parametrize(
    ("kind", "more", "title", "is_open"),
    [
        ("ended", {"access": ACCESS}, "Accès terminé", False),
        ("disabled", {}, "Compte fermé pour l’instant", False),
        ("erased", {}, "Personne effacée", False),
        ("enabled", {}, "Compte rouvert", True),
        ("changed", {"habilitation": {**RIGHT, "role": "adherent"}}, "Rôle modifié", True),
        ("granted", {"habilitation": {**RIGHT, "id": "d1"}}, "Accès accordé", True),
        ("unheard-of", {}, "Connexion unique", True),
    ],
)
def test_each_change_is_shown_and_heeded(
    visitor: Browser, portal: ToldPortal, kind: str, more: dict[str, Any], title: str, is_open: bool
) -> None:
    visitor.enter()
    portal.tell(kind, **more)
    page = visitor.page()
    assert f"<strong>{title}</strong>" in page
    assert ("Session ouverte" in page) is is_open
    assert ("Adhérent" in page) is (kind == "changed")


def test_one_of_two_accesses_that_ends_closes_nothing(visitor: Browser, portal: ToldPortal) -> None:
    visitor.enter()
    portal.tell("granted", habilitation={**RIGHT, "id": "d1", "establishment": "Cycles Vega"})
    portal.tell("ended", access=ACCESS)
    page = visitor.page()
    assert "Session ouverte" in page
    assert page.index("Accès terminé") < page.index("Accès accordé")  # the newest first


def test_an_access_that_ended_and_came_back_before_the_entry_ends_no_session(
    visitor: Browser, portal: ToldPortal
) -> None:
    visitor.enter()
    visitor.cookie = ""
    portal.tell("ended", access=ACCESS)
    portal.tell("granted", habilitation=RIGHT)
    assert "Session ouverte" in visitor.enter()


def test_a_portal_that_does_not_answer_is_said_and_closes_nothing(
    visitor: Browser, portal: ToldPortal
) -> None:
    visitor.enter()
    portal.down = True
    page = visitor.page()
    assert "Le portail ne répond pas." in page
    assert "Session ouverte" in page


def test_it_answers_at_its_own_address_only_and_with_strict_headers(visitor: Browser) -> None:
    moved = visitor.ask("/", host=f"localhost:{visitor.port}")
    assert (moved.status, moved.headers["Location"]) == (303, f"http://127.0.0.1:{visitor.port}/")
    assert visitor.ask("/absente").status == 404
    assert visitor.ask("/../server.py").status == 404
    assert visitor.ask("/connexion", "POST", "logoutRequest=x").status == 400
    assert visitor.ask("/", "PUT").status == 501
    for path in ("/", "/campus.css", "/campus.js", "/campus.svg"):
        answer = visitor.ask(path)
        assert answer.status == 200
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "<script>" not in answer.text and "style=" not in answer.text
    looked = visitor.ask("/", "HEAD")
    assert (looked.status, looked.text) == (200, "")


def test_its_log_keeps_no_ticket(visitor: Browser, capfd: pytest.CaptureFixture[str]) -> None:
    visitor.enter()
    said = capfd.readouterr().err
    assert "GET '/connexion' 303" in said
    assert TICKET not in said


def test_a_moment_is_told_in_paris_time_with_its_day_when_it_is_not_today() -> None:
    at = datetime(2026, 3, 1, 9, 5, 7, tzinfo=UTC)
    assert format_time(at, at) == "10\u00a0h\u00a005 min\u00a007\u00a0s"
    assert format_time(at, datetime(2026, 3, 2, tzinfo=UTC)).startswith("1er mars, 10\u00a0h")


def test_it_needs_no_library_and_says_that_its_port_is_taken(
    visitor: Browser, project_root: Path, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("x")
    start = (
        "import sys\n"
        "from mgestion.launch.demo_platform.__main__ import main\n"
        "status = main(sys.argv[1:])\n"
        "print(*(name for name in sys.modules if name in ('django', 'celery', 'requests')))\n"
        "sys.exit(status)"
    )
    command = [sys.executable, "-c", start, "--port", str(visitor.port)]
    command += ["--portal", "http://127.0.0.1:9", "--token-file", str(tmp_path / "token")]
    done = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (1, "")
    assert done.stderr == f"Port {visitor.port} cannot be used: Address already in use.\n"
