"""No test speaks to another machine. An audit hook sees every connection that Python opens."""

from __future__ import annotations

import ipaddress
import socket
import sys

NAMES = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost"})


class NetworkForbidden(RuntimeError):
    """A test tried to reach another machine. Not an OSError: no code may swallow it as one."""


def is_local(host: object) -> bool:
    """Whether `host` (a name, an address or None, as sockets take it) is the loopback."""
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name.lower() in NAMES or name == socket.gethostname():
        return True
    try:
        address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and address and not is_local(address[0]):
            raise NetworkForbidden(f"A test tried to reach {address[0]!r}.")
    elif event == "socket.getaddrinfo" and not is_local(arguments[0]):
        raise NetworkForbidden(f"A test tried to look up {arguments[0]!r}.")


_installed = False


def install() -> None:
    """Once per process; an audit hook cannot be taken away again."""
    global _installed
    if not _installed:
        sys.addaudithook(_watch)
        _installed = True
