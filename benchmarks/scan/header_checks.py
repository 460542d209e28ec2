"""Headers and cookies of one answer of each kind, through the real proxy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import requests

from benchmarks.scan.findings import Finding
from benchmarks.scan.outcomes import Outcome
from benchmarks.scan.portal import AGENT, ANONYMOUS, APPLICANT, ScannedPortal
from tests.servers.visitor import Visitor

Check = Callable[[str], bool]
_HSTS: Final = "max-age=63072000; includeSubDomains; preload"
_POLICY: Final = re.compile(r"(?:^|; )default-src '(?:self|none)'(?:;|$)")
# Of every answer, the proxy's own included.
ALWAYS: Final[dict[str, Check]] = {
    "Strict-Transport-Security": lambda said: said == _HSTS,
    "X-Content-Type-Options": lambda said: said == "nosniff",
    "X-Frame-Options": lambda said: said == "DENY",
    "Referrer-Policy": lambda said: said == "same-origin",
    "Content-Security-Policy": lambda said: (
        bool(_POLICY.search(said)) and "frame-ancestors 'none'" in said and "unsafe" not in said
    ),
    "Server": lambda said: said == "",
    "X-Powered-By": lambda said: said == "",
}
OF_PORTAL: Final[dict[str, Check]] = {
    "Permissions-Policy": lambda said: "camera=()" in said,
    "Cross-Origin-Resource-Policy": lambda said: said == "same-origin",
    "Cross-Origin-Opener-Policy": lambda said: said == "same-origin",
    "X-Request-ID": lambda said: len(said) >= 32,
}
NOT_STORED: Final[dict[str, Check]] = {"Cache-Control": lambda said: said == "no-store"}
STATIC: Final[dict[str, Check]] = {
    **{name: check for name, check in OF_PORTAL.items() if "Cross-Origin-R" in name},
    "Cache-Control": lambda said: "immutable" in said and "public" in said,
}


@dataclass(frozen=True)
class Answer:
    kind: str
    status: int  # the one that is expected
    response: requests.Response
    checks: dict[str, Check] = field(default_factory=lambda: {**OF_PORTAL, **NOT_STORED})


def check_headers(portal: ScannedPortal) -> Outcome:
    findings, kinds = [], []
    for answer in _list_answers(portal):
        kinds.append(answer.kind)
        findings += list(_judge(answer))
    return Outcome("headers", "", "; ".join(kinds), findings)


def _judge(answer: Answer) -> Iterator[Finding]:
    response = answer.response
    if response.status_code != answer.status:
        message = f"{response.status_code} instead of {answer.status}"
        yield Finding("headers", "status", answer.kind, message=message)
    for name, check in {**ALWAYS, **answer.checks}.items():
        said = response.headers.get(name, "")
        if not check(said):
            yield Finding("headers", name, answer.kind, message=said or "none")
    for cookie in response.raw.headers.getlist("Set-Cookie"):
        name, _, rest = cookie.partition("=")
        for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            if flag.lower() not in rest.lower():
                yield Finding("headers", f"cookie without {flag}", answer.kind, message=name)
        if not name.startswith("__Host-") or "domain=" in rest.lower():
            yield Finding("headers", "cookie without __Host-", answer.kind, message=name)


def _list_answers(portal: ScannedPortal) -> Iterator[Answer]:
    nobody, person = portal.open_session(ANONYMOUS), portal.open_session(APPLICANT)
    agent = portal.open_session(AGENT)
    login = _get(nobody, "/cas/login")
    yield Answer("page of nobody", 200, login)
    yield Answer("redirect to the login", 302, _get(nobody, "/compte/"))
    yield Answer("page of a person", 200, _get(person, "/compte/"))
    yield Answer("page of an agent", 200, _get(agent, "/admin/"))
    found = re.findall(r"/static/[^\"' >]+\.(\w+)", login.text)
    for ending in sorted(set(found)):
        address = re.search(rf"/static/[^\"' >]+\.{ending}", login.text)
        assert address is not None
        yield Answer(f"static file, {ending}", 200, _get(nobody, address[0]), STATIC)
    mine = person.get("/m-gestion/")
    request = re.search(r"/demandes/[A-Z0-9-]{6,}/", f"{mine.url} {mine.text}")
    assert request is not None, mine.url
    yield Answer("download", 200, _get(person, f"{request[0]}recepisse.pdf"))
    yield Answer("API, refused", 401, _get(nobody, "/api/v1/habilitations/changes"))
    yield Answer("API, its description", 200, _get(nobody, "/api/v1/openapi.json"))
    ticket = "service=https%3A%2F%2Fa.example.org%2F&ticket=ST-1"
    yield Answer("CAS, XML", 200, _get(nobody, f"/cas/serviceValidate?{ticket}"))
    yield Answer("CAS, JSON", 200, _get(nobody, f"/cas/p3/serviceValidate?{ticket}&format=JSON"))
    yield Answer("robots.txt", 200, _get(nobody, "/robots.txt"))
    yield Answer("error 400", 400, _get(nobody, "/aide/?x=%00"))
    yield Answer("error 403", 403, _get(person, "/admin/login/?next=/admin/"))
    yield Answer("error 403, no token", 403, nobody.session.post(f"{nobody.url}/inscription/"))
    yield Answer("error 404", 404, _get(nobody, "/nulle-part/"))
    yield Answer("error 405", 405, _get(person, "/compte/sessions/fermer/"))
    switch = portal.stack.folder / "data/MAINTENANCE"
    switch.touch()
    yield Answer("error 503, maintenance", 503, _get(nobody, "/aide/"))
    switch.unlink()
    yield from _list_answers_of_proxy(portal, nobody)


def _list_answers_of_proxy(portal: ScannedPortal, nobody: Visitor) -> Iterator[Answer]:
    yield Answer("proxy: address of the inside", 404, _get(nobody, "/metrics"), NOT_STORED)
    large = nobody.session.post(
        f"{nobody.url}/inscription/",
        files={"paper": b"a" * 3_000_000},
        headers={"Origin": nobody.url},
    )
    yield Answer("proxy: body too large", 413, large, NOT_STORED)
    portal.stack.kill("web")
    yield Answer("proxy: web is away", 503, _get(nobody, "/aide/"), NOT_STORED)
    portal.stack.start("web")
    portal.stack.wait()


def _get(visitor: Visitor, address: str, **more: Any) -> requests.Response:
    return visitor.get(address, allow_redirects=False, **more).response
