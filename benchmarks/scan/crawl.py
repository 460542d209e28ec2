"""Every page that a role can reach by links, and every form that says what is missing."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

from benchmarks.scan.portal import Role, ScannedPortal
from tests.servers.visitor import Page, Visitor

ALIKE: Final = 2  # pages of one kind, of each role
MOST: Final = 400  # pages of one role; each kind once before any a second time
# A GET that ends the session; files that are no pages.
LEFT_OUT: Final = re.compile(r"/(?:logout|deconnexion)/?$|^/static/|\.(?:pdf|csv|json)$")
_VARIABLE: Final = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}"), "<uuid>"),
    (re.compile(r"(?<=/)[A-Z]{2,}-[A-Z0-9-]{4,}(?=/|$)"), "<reference>"),
    (re.compile(r"(?<=/)\d+(?=/|$)"), "<number>"),
    (
        re.compile(r"(?<=/)(?:m-|bmo|automobile|[a-z]+-entreprise|[a-z]+-cfa)[\w-]*(?=/|$)"),
        "<code>",
    ),
)
_ERRORS: Final = ("/nulle-part/", "/aide/?x=%00", "/admin/", "/compte/sessions/fermer/")


@dataclass(frozen=True)
class SeenPage:
    role: str
    kind: str  # its path, with what varies named; "POST " before a form sent empty
    address: str
    status: int
    html: str


def name_kind(address: str) -> str:
    path = urlsplit(address).path
    for pattern, word in _VARIABLE:
        path = pattern.sub(word, path)
    fields = ",".join(sorted(parse_qs(urlsplit(address).query, keep_blank_values=True)))
    return f"{path}?{fields}" if fields else path


def crawl(portal: ScannedPortal, role: Role) -> Iterator[SeenPage]:
    visitor = portal.open_session(role)
    begun, later = deque([*portal.addresses, *_ERRORS]), deque[str]()
    seen: set[str] = set()
    kinds: Counter[str] = Counter()
    posted: set[str] = set()
    while (begun or later) and len(seen) < MOST:
        again = not begun
        address = urldefrag(urljoin(portal.stack.url, (begun or later).popleft()))[0]
        kind = name_kind(address)
        if address in seen or kinds[kind] >= ALIKE or LEFT_OUT.search(urlsplit(address).path):
            continue
        if kinds[kind] and not again:
            later.append(address)
            continue
        seen.add(address)
        kinds[kind] += 1
        page = visitor.get(address)
        shown_kind = name_kind(page.url)
        if not _is_html(page) or not page.url.startswith(portal.stack.url):
            continue
        if shown_kind != kind:  # led elsewhere
            if kinds[shown_kind] >= ALIKE:
                continue
            kinds[shown_kind] += 1
        yield SeenPage(role.name, shown_kind, page.url, page.status, page.text)
        begun.extend(_list_links(page))
        for shown in _send_empty(visitor, page, posted):
            yield SeenPage(
                role.name, f"POST {name_kind(shown.url)}", shown.url, shown.status, shown.text
            )


def crawl_all(portal: ScannedPortal, roles: Iterable[Role]) -> list[SeenPage]:
    return [page for role in roles for page in crawl(portal, role)]


def _is_html(page: Page) -> bool:
    return page.response.headers.get("Content-Type", "").startswith("text/html")


def _list_links(page: Page) -> list[str]:
    own = urlsplit(page.url).netloc
    links = (urljoin(page.url, str(link)) for link in page.document.xpath("//a/@href"))
    # Of a list's filters one at a time: together they are endless.
    return [link for link in links if urlsplit(link).netloc == own and link.count("=") < 2]


def _send_empty(visitor: Visitor, page: Page, posted: set[str]) -> Iterator[Page]:
    """The forms of a page that need something, without it: pages of errors come back."""
    for form in page.document.forms:
        action = urljoin(page.url, form.action or page.url)
        kind = name_kind(action)
        needed = form.xpath(".//*[@required][not(@type='hidden')]")
        if form.method.upper() != "POST" or not needed or kind in posted:
            continue
        posted.add(kind)
        sent: dict[str, Any] = {
            name: value
            for name, value in form.form_values()
            if name in ("csrfmiddlewaretoken", "form_token", "version")
        }
        answer = Page(
            visitor.session.post(
                action, data=sent, headers={"Origin": visitor.url, "Referer": page.url}, timeout=60
            )
        )
        if _is_html(answer):
            yield answer
