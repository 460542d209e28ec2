"""People who sign up and ask for an access, an agent who accepts, and the mailbox of them all. They
try again when an answer is lost, as people do, and note what they were told.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, Final

import requests

from benchmarks.chaos.told import Told
from tests.browser.portal import link_in
from tests.outbox.sink import Sink
from tests.registrations import papers
from tests.servers.visitor import REQUEST_ANSWERS, Page, Visitor

PASSWORD: Final = "Été du garage 2026"
_REFERENCE: Final = re.compile(r"/([A-Z]{2,}-[A-Z0-9-]{4,})/?(?:\?|$)")
NO_ROOM: Final = "la place manque de notre côté"  # what is said of a document then
_LARGE: Final = 3_000_000  # bytes: it comes by the temporary folder
_EACH: Final = 3  # one applicant in three sends a large document
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


class ErrorPage(Exception):
    """An answer of 5xx."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Client(Visitor):
    """A visitor who sees an error when there is one, whatever they looked for in the page."""

    def get(self, address: str, **more: Any) -> Page:
        return _ensure_answer(super().get(address, **more))

    def send(self, page: Page, form: Any, /, files: Any = None, **values: str) -> Page:
        return _ensure_answer(super().send(page, form, files, **values))


def _ensure_answer(page: Page) -> Page:
    if page.status >= 500:
        raise ErrorPage(page.status)
    return page


def ask_again(step: Callable[[], Page | None], told: Told, stop: threading.Event) -> Page | None:
    """Repeats a step until it gives a page; None when its time is over."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and not stop.is_set():
        status = 0
        try:
            page = step()
            if page is not None and page.status < 500:
                return page
            status = page.status if page is not None else 0
        except ErrorPage as error:
            status = error.status
        except (requests.RequestException, LostAnswer, AssertionError):
            pass
        told.note_lost_answer(status)
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
        self.visitor = Client(url, authority)
        self.box, self.told, self.stop = box, told, stop
        self.number = number
        self._opened: Page | None = None  # with the form of the message

    def run(self) -> str:
        """The reference of the request, for the agent; "" when it did not come so far."""
        for step in (self._sign_up, self._choose_password, self._log_in):
            if ask_again(step, self.told, self.stop) is None:
                return ""
        page = ask_again(self._send_request, self.told, self.stop)
        found = _REFERENCE.search(page.url) if page is not None else None
        if found is None:
            return ""
        self.told.note("requests", found[1], self.address)
        sent = ask_again(lambda: self._write_message(found[1]), self.told, self.stop)
        return found[1] if sent is not None else ""

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

    def _write_message(self, reference: str) -> Page:
        """A message and a document, from the form that was opened first: sent again, it is one."""
        text = f"Message {self.number} de {self.address}"
        bulk = os.urandom(_LARGE if self.number % _EACH == 0 else 500)
        if self._opened is None:
            self._opened = self.visitor.get(f"/demandes/{reference}/")
            self._document = papers.pdf(more={9: papers.stream(bulk)})
        form = find_form(self._opened, "/message/")
        self.told.note("written", text)
        page = self.visitor.send(
            self._opened, form, files={"attachments": ("Kbis.pdf", self._document)}, message=text
        )
        if NO_ROOM in page.text:
            self.told.note("refused", text)
            if text not in page.text:
                self.told.note("forgotten", text)
        if page.status != 200 or "Votre message est envoyé" not in page.text:
            raise LostAnswer
        self.told.note("messages", text, reference)
        self.told.note("documents", hashlib.sha256(self._document).hexdigest(), reference)
        return page


def find_form(page: Page, action: str) -> Any:
    """The form of the page that is sent to an address with `action` in it."""
    for form in page.document.forms:
        if action in (form.action or ""):
            return form
    raise LostAnswer


class Reviewer:
    """An agent whose session is open; writes to the applicant and accepts, one request after the
    other.
    """

    def __init__(self, visitor: Visitor, told: Told, stop: threading.Event) -> None:
        self.visitor, self.told, self.stop = visitor, told, stop

    def handle(self, reference: str) -> None:
        opened: list[Page] = []

        def answer() -> Page:
            """From the page that was opened first: sent again, it is one message."""
            text = f"Réponse à {reference}"
            if not opened:
                opened.append(self._open(reference))
            form = find_form(opened[0], "/ecrire/")
            self.told.note("written", text)
            page = self.visitor.send(opened[0], form, text=text)
            if page.status != 200 or text not in page.text:
                raise LostAnswer
            self.told.note("messages", text, reference)
            return page

        def accept() -> Page | None:
            page = self._open(reference)
            if page.status == 200 and 'name="role"' not in page.text:
                return page  # decided already: the answer was lost
            page = self.visitor.submit(page, "role")
            if page.status != 200 or "acceptée" not in page.text:
                raise LostAnswer
            self.told.note("accepted", reference)
            return page

        ask_again(answer, self.told, self.stop)
        ask_again(accept, self.told, self.stop)

    def _open(self, reference: str) -> Page:
        page = self.visitor.get(f"/admin/registrations/request/?q={reference}")
        rows = re.findall(r'href="(/admin/registrations/request/[0-9a-f-]{36}/[^"?]*)', page.text)
        if not rows:
            raise LostAnswer
        return self.visitor.get(rows[0])
