"""No test speaks to another machine.

Python's `socket` is guarded, which all of its libraries use. An audit hook would see the same, and
be called for each `id()` and `setattr()` of the suite: 4,000 times a test.
"""

import functools
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

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


def _refuse_foreign(host: object) -> None:
    if not is_local(host):
        raise NetworkForbidden(f"A test tried to reach {host!r}.")


def _guard_address(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1]  # the last of all three; the path of a UNIX socket passes
        if isinstance(address, tuple) and address:
            _refuse_foreign(address[0])
        return method(self, *arguments)

    return guarded


def _guard_name(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        _refuse_foreign(host)
        return function(host, *arguments, **options)

    return guarded


_installed = False


def install() -> None:
    """Once per process."""
    global _installed
    if _installed:
        return
    _installed = True
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _guard_address(getattr(socket.socket, name)))
    for name in ("getaddrinfo", "gethostbyname"):
        setattr(socket, name, _guard_name(getattr(socket, name)))
