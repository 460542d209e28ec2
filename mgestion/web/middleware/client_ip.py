"""Whom a request comes from, behind a known number of proxies."""

import ipaddress
import logging

from django.conf import settings
from django.http import HttpRequest

_log = logging.getLogger(__name__)
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_ip(request: HttpRequest) -> str:
    """The client's address in canonical form, "" when there is none.

    Each proxy appends the address that it saw to X-Forwarded-For, so with n proxies of ours the
    n-th entry from the right is the first that none of us wrote on hearsay. What stands left of it
    was written by the client, and is ignored.
    """
    count: int = settings.TRUSTED_PROXY_COUNT
    candidate = str(request.META.get("REMOTE_ADDR", ""))
    if count:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(hops) >= count and hops[-count]:
            candidate = hops[-count]
            _warn_of_a_hidden_proxy(hops, count)
    elif request.headers.get("X-Forwarded-For"):
        _warn_of_a_hidden_proxy([*request.headers["X-Forwarded-For"].split(","), candidate], 1)
    address = _parse_address(candidate)
    return str(address) if address else ""


class _Warned:
    """Whether this process has said it already."""

    once = False


def _warn_of_a_hidden_proxy(hops: list[str], count: int) -> None:
    """A private address with a public one behind it is a proxy that TRUSTED_PROXY_COUNT leaves out:
    everybody would share its address, and its limits. Said once a process.
    """
    if _Warned.once or len(hops) <= count:
        return
    seen, behind = _parse_address(hops[-count]), _parse_address(hops[-count - 1])
    if seen and behind and not seen.is_global and behind.is_global:
        _Warned.once = True
        _log.warning(
            "Requests seem to come from %s, which forwards for others: if it is a proxy of yours, "
            "TRUSTED_PROXY_COUNT is too low, and all visitors share one limit of logins.",
            seen,
        )


def network_key(ip: str) -> str:
    """What limits count by: an IPv4 address, or the /64 that an IPv6 client has to itself."""
    address = _parse_address(ip)
    if address is None:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _parse_address(text: str) -> _Address | None:
    host = text.strip()
    if host.startswith("["):  # [2001:db8::1]:443
        host = host[1:].split("]", 1)[0]
    elif host.count(":") == 1:  # 192.0.2.1:443
        host = host.split(":", 1)[0]
    try:
        address = ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
