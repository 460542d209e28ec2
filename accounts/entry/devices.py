"""Known devices: a signed cookie from a past login or an unlock mail (D57). Nothing about it is
stored.
"""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.entry.limits import address_ref

_SALT = "entry.device"
_MOST_ACCOUNTS = 5


@dataclass(frozen=True)
class Device:
    """A browser: its random name and the accounts that logged in from it, newest first."""

    name: str
    accounts: tuple[str, ...] = ()

    def knows(self, address: str) -> bool:
        return address_ref(address) in self.accounts


def read(request: HttpRequest) -> Device | None:
    """The device of this request, None for a stranger, an expired or a forged cookie."""
    raw = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        data = signing.loads(raw, salt=_SALT, max_age=settings.KNOWN_DEVICE_LIFE)
    except signing.BadSignature:
        return None
    if not isinstance(data, list) or not data:
        return None
    return Device(str(data[0]), tuple(str(account) for account in data[1:]))


def name_for(request: HttpRequest, address: str) -> str:
    """The device's name when it is known for this account, else ""."""
    device = read(request)
    return device.name if device is not None and device.knows(address) else ""


def remember(request: HttpRequest, response: HttpResponseBase, address: str) -> None:
    """Mark this browser as known for the account. The cookie holds no address, and lives one year
    (R127).
    """
    device = read(request)
    name = device.name if device is not None else secrets.token_hex(8)
    others = device.accounts if device is not None else ()
    ref = address_ref(address)
    accounts = (ref, *(other for other in others if other != ref))[:_MOST_ACCOUNTS]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps([name, *accounts], salt=_SALT),
        max_age=settings.KNOWN_DEVICE_LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
