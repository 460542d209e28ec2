"""People who sign up and ask for an access, an agent who accepts, and the mailbox of them all. They
try again when an answer is lost, as people do, and note what they were told.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Final

import requests

from benchmarks.chaos.told import Told
from tests.browser.portal import link_in
from tests.outbox.sink import Sink
from tests.servers.visitor import REQUEST_ANSWERS, Page, Visitor

PASSWORD: Final = "Été du garage 2026"
_REFERENCE: Final = re.compile(r"/([A-Z]{2,}-[A-Z0-9-]{4,})/?(?:\?|$)")
_PATIENCE: Final = 90.0  # seconds that somebody goes on trying one step


class Postbox(Sink):
    """Links by recipient, as mails come."""

    def __init__(self) -> None:
        super().__init__()
        self.links: dict[str, str] = {}
        self.copies: dict[str, int] = {}

    def keep(self, content: bytes) -> None:
        mail = message_from_bytes(content, policy=policy.default)
        name = str(mail["Message-ID"])
        self.copies[name] = self.copies.get(name, 0) + 1
        if "mot de passe" in str(mail["Subject"]):
            self.links[str(mail["To"])] = link_in(mail, "https://")


class LostAnswer(Exception):
    """No answer, or one that says « later »."""


def ask_again(step: Callable[[], Page | None], told: Told, stop: threading.Event) -> Page | None:
    """Repeats a step until it gives a page; None when its time is over."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and not stop.is_set():
        try:
            page = step()
            if page is not None and page.status < 500:
                return page
        except (requests.RequestException, LostAnswer, AssertionError):
            pass
        told.note_lost_answer()
        stop.wait(0.5)
    return None


class Applicant:
    """Signs up, chooses a password, logs in, asks; each step again when its answer is lost."""

    def __init__(
        self,
        number: int,
        url: str,
        authority: Path,
        box: Postbox,
        told: Told,
        stop: threading.Event,
    ) -> None:
        self.address = f"camille.essai{number}@garage-lumiere.example.org"
        self.visitor = Visitor(url, authority)
        self.box, self.told, self.stop = box, told, stop

    def run(self) -> str:
        """The reference of the request; "" when it did not come to one."""
        for step in (self._sign_up, self._choose_password, self._log_in):
            if ask_again(step, self.told, self.stop) is None:
                return ""
        page = ask_again(self._send_request, self.told, self.stop)
        found = _REFERENCE.search(page.url) if page is not None else None
        if found is None:
            return ""
        self.told.note("requests", found[1], self.address)
        return found[1]

    def _sign_up(self) -> Page | None:
        page = self.visitor.get("/inscription/")
        self.told.note("tried", self.address)
        page = self.visitor.submit(page, "email2", email=self.address, email2=self.address)
        if "Consultez votre messagerie" not in page.text:
            raise LostAnswer
        self.told.note("signed_up", self.address)
        return page

    def _choose_password(self) -> Page | None:
        until = time.monotonic() + _PATIENCE
        while self.address not in self.box.links:
            if time.monotonic() > until or self.stop.wait(0.1):
                raise LostAnswer
        page = self.visitor.get(self.box.links[self.address])
        if page.status in (404, 410):  # the answer was lost, the password was not
            return page
        page = self.visitor.submit(
            page, "password2", password1=PASSWORD, password2=PASSWORD, terms="on"
        )
        if page.status == 200 and 'name="password2"' not in page.text:
            self.told.note("activated", self.address)
            return page
        raise LostAnswer

    def _log_in(self) -> Page | None:
        page = self.visitor.get("/app/authenticate/automobile")
        if 'name="siret"' in page.text or _REFERENCE.search(page.url):
            return page
        page = self.visitor.submit(page, "password", username=self.address, password=PASSWORD)
        if 'name="siret"' not in page.text:
            raise LostAnswer
        return page

    def _send_request(self) -> Page | None:
        page = self.visitor.get("/app/authenticate/automobile")
        if _REFERENCE.search(page.url):
            return page
        found = re.search(r'href="(/[^"]*?/([A-Z]{2,}-[A-Z0-9-]{4,})/)"', page.text)
        if found and 'name="siret"' not in page.text:  # sent already: the answer was lost
            return self.visitor.get(found[1])
        page = self.visitor.submit(
            page,
            "siret",
            **REQUEST_ANSWERS,
        )
        if not _REFERENCE.search(page.url):
            raise LostAnswer
        return page


class Reviewer:
    """An agent whose session is open; accepts one request after the other."""

    def __init__(self, visitor: Visitor, told: Told, stop: threading.Event) -> None:
        self.visitor, self.told, self.stop = visitor, told, stop

    def accept(self, reference: str) -> None:
        def step() -> Page | None:
            page = self.visitor.get(f"/admin/registrations/request/?q={reference}")
            rows = re.findall(
                r'href="(/admin/registrations/request/[0-9a-f-]{36}/[^"?]*)', page.text
            )
            if not rows:
                raise LostAnswer
            page = self.visitor.get(rows[0])
            if page.status == 200 and 'name="role"' not in page.text:
                return page  # decided already: the answer was lost
            page = self.visitor.submit(page, "role")
            if page.status != 200 or "acceptée" not in page.text:
                raise LostAnswer
            self.told.note("accepted", reference)
            return page

        ask_again(step, self.told, self.stop)
