"""Calls to other servers: one deadline, no redirect followed, a bounded answer, and no way into the
internal network where `public_only` says so.

An address is resolved once, judged, and connected to as it was resolved: a name that answers
otherwise a moment later (DNS rebinding) leads nowhere else.
"""

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from django.utils.encoding import iri_to_uri

from mgestion.web.user_agent import user_agent

# What a call may raise for whatever the server or the network does.
Trouble: Final = (OSError, HTTPException, ValueError)
_NAT64: Final = IPv6Network("64:ff9b::/96")  # any IPv4 address, in disguise
_BEGINNING: Final = 4096  # bytes of an answer that are read
_BEGINNING_WAIT: Final = 0.5  # seconds: a body that does not come is not waited for


class HttpAnswer(NamedTuple):
    status: int
    location: str
    beginning: str = ""  # of the answer to a form


def send_request(
    url: str, *, form: str | None = None, timeout: float, public_only: bool
) -> HttpAnswer:
    """A GET, or a POST of `form`, of which the status counts. Raises one of Trouble.

    `timeout`: seconds for the whole call but the name's resolution, however slowly bytes trickle.
    `public_only`: refuses a host with any address that is not of the open Internet.
    """
    until = time.monotonic() + timeout
    with _connected(url, until, public_only=public_only) as (link, path):
        return _exchange(link, path, form)


def fetch_json(url: str, *, timeout: float, public_only: bool, most_bytes: int) -> Any:
    """What a GET that answers 200 holds. Raises one of Trouble, for a longer answer too."""
    until = time.monotonic() + timeout
    with _connected(url, until, public_only=public_only) as (link, path):
        link.request("GET", path, headers={**_headers(), "Accept": "application/json"})
        with link.getresponse() as answer:  # which holds the socket open as long as it lives
            if answer.status != 200:
                raise HTTPException(f"HTTP {answer.status}")
            body = answer.read(most_bytes + 1)
        _left(until)  # an answer without a length that is cut looks complete
    if len(body) > most_bytes:
        raise HTTPException("too long")
    return json.loads(body)


@contextmanager
def _connected(
    url: str, until: float, *, public_only: bool
) -> Iterator[tuple[HTTPConnection, str]]:
    """A connection that is cut at `until`, and the path to ask for."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    sock = _connect(host, port, until, public_only=public_only)
    try:
        sock.settimeout(_left(until))
        if secure:
            sock = _context().wrap_socket(sock, server_hostname=host)
        link = HTTPSConnection(host, port) if secure else HTTPConnection(host, port)
        link.sock = sock
        with _cut_at(until, sock):
            yield link, iri_to_uri(path)
    finally:
        sock.close()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open Internet, and no other one in disguise."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and (
        ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip in _NAT64
    ):
        return False
    return ip.is_global and not ip.is_multicast


def _connect(host: str, port: int, until: float, *, public_only: bool) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    if public_only and not all(is_public(address) for address in addresses):
        raise OSError("the address is not a public one")
    trouble: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((address, port), _left(until))
        except OSError as error:
            trouble = error
    raise trouble or OSError("the name has no address")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


@contextmanager
def _cut_at(until: float, sock: socket.socket) -> Iterator[None]:
    """A socket's own timeout counts from byte to byte: this one ends the whole exchange."""

    def cut() -> None:
        with suppress(OSError):  # closed meanwhile
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(_left(until), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Trouble:
        _left(until)  # what broke off because of the cut is called by its name
        raise
    finally:
        timer.cancel()


def _headers() -> dict[str, str]:
    return {"Accept": "*/*", "Connection": "close", "User-Agent": user_agent()}


def _exchange(link: HTTPConnection, path: str, form: str | None) -> HttpAnswer:
    headers, sock = _headers(), link.sock
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    link.request(
        "GET" if form is None else "POST",
        path,
        body=None if form is None else form.encode(),
        headers=headers,
    )
    answer = link.getresponse()
    found = HttpAnswer(answer.status, answer.headers.get("Location", ""))
    if form is None:
        return found
    # The status is known: a body that breaks off or does not come changes nothing.
    with suppress(*Trouble):
        sock.settimeout(_BEGINNING_WAIT)
        text = answer.read1(_BEGINNING).decode("utf-8", "replace")
        found = found._replace(beginning=text)
    return found


@cache
def _context() -> ssl.SSLContext:
    """Certificates and names are verified, as the system's authorities say."""
    return ssl.create_default_context()
