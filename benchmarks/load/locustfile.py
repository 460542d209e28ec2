"""Who comes, and what they do. Runs in locust's own environment: nothing of the portal is imported.

LOAD_HOLDERS and LOAD_AGENTS say how many accounts there are (`benchmarks/load/people.py`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import itertools
import os
import re
import struct
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from locust import FastHttpUser, between, task

HOLDERS = int(os.environ["LOAD_HOLDERS"])
AGENTS = int(os.environ["LOAD_AGENTS"])
PASSWORD = os.environ["LOAD_PASSWORD"]
SECRET = os.environ["LOAD_SECRET"]
SERVICE = os.environ["LOAD_SERVICE"]
_holders, _agents = itertools.cycle(range(HOLDERS)), itertools.cycle(range(AGENTS))
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_ROW = re.compile(r'href="(/admin/registrations/request/[0-9a-f-]{36}/[^"?]*)')


def code_now() -> str:
    """Of the second factor (RFC 6238), for the secret that every agent here has."""
    digest = hmac.digest(
        base64.b32decode(SECRET), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1
    )
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


class Person(FastHttpUser):
    abstract = True
    wait_time = between(1, 3)
    insecure = True  # the certificate of a test's own authority

    def send(self, address: str, page: Any, name: str, **values: str) -> Any:
        token = _TOKEN.search(page.text or "")
        values["csrfmiddlewaretoken"] = html.unescape(token[1]) if token else ""
        return self.client.post(
            address, data=values, name=name, headers={"Referer": page.url, "Origin": self.host}
        )

    def log_in(self, address: str, start: str) -> Any:
        page = self.client.get(start, name="page of the login")
        return self.send(page.url, page, "login", username=address, password=PASSWORD)


class Visitor(Person):
    weight = 3

    @task(4)
    def look(self) -> None:
        self.client.get("/cas/login", name="page of the login")

    @task(1)
    def begin(self) -> None:
        self.client.get("/inscription/", name="page of the sign-up")


class Holder(Person):
    """Logs in, looks at what they may open, and enters a platform."""

    weight = 10

    def on_start(self) -> None:
        self.log_in(f"porteur{next(_holders)}.fictif@garage.example.org", "/cas/login")

    @task(3)
    def see_services(self) -> None:
        self.client.get("/m-gestion/", name="my services")

    @task(1)
    def see_accesses(self) -> None:
        self.client.get("/compte/acces/", name="my accesses")

    @task(5)
    def enter_platform(self) -> None:
        with self.client.get(
            f"/cas/login?service={SERVICE}",
            name="CAS: ticket",
            allow_redirects=False,
            catch_response=True,
        ) as answer:
            query = parse_qs(urlsplit(answer.headers.get("Location") or "").query)
            ticket = query.get("ticket", [""])[0]
            if not ticket:
                answer.failure("no ticket")
                return
            answer.success()
        with self.client.get(
            f"/cas/p3/serviceValidate?service={SERVICE}&ticket={ticket}",
            name="CAS: validation",
            catch_response=True,
        ) as answer:
            if "authenticationSuccess" not in (answer.text or ""):
                answer.failure("refused")

    @task(1)
    def log_in_again(self) -> None:
        self.client.cookiejar.clear()
        self.on_start()


class Agent(Person):
    weight = 2

    def on_start(self) -> None:
        address = f"agent{next(_agents)}.fictif@opco.example.org"
        page = self.log_in(address, "/admin/")
        self.send(page.url, page, "second factor", code=code_now())
        self.rows: list[str] = []

    @task(3)
    def see_queue(self) -> None:
        page = self.client.get("/admin/registrations/request/", name="queue")
        self.rows = _ROW.findall(page.text or "")

    @task(3)
    def see_request(self) -> None:
        if self.rows:
            self.client.get(self.rows[int(time.time()) % len(self.rows)], name="decision page")

    @task(1)
    def search(self) -> None:
        self.client.get("/admin/registrations/request/?q=lumiere", name="search in the queue")
