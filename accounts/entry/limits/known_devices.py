"""Known devices: a signed cookie from a past login or an unlock mail. Nothing about it is
stored.

The cookie names the epoch of the account's sessions that it was written in. What begins another
epoch (a new password, a reported loss, « me déconnecter partout », a change of the second factor)
makes every browser unknown but the one it was done in (`sessions.carry_over`).
"""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.entry.limits.rate_limits import hash_address
from accounts.people.addresses import fold_address
from accounts.people.models import User

_SALT = "entry.device"
_MOST_ACCOUNTS = 5


@dataclass(frozen=True)
class KnownDevice:
    """A browser: its random name, and the accounts that logged in from it with the epoch of each,
    newest first.
    """

    name: str
    accounts: tuple[tuple[str, int], ...] = ()

    def epoch_of(self, address: str) -> int | None:
        """The epoch in which this browser became known to the account, None for a stranger."""
        return dict(self.accounts).get(hash_address(address))


def read_device(request: HttpRequest) -> KnownDevice | None:
    """The device of this request, None for a stranger, an expired or a forged cookie."""
    raw = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        data = signing.loads(raw, salt=_SALT, max_age=settings.KNOWN_DEVICE_LIFE)
    except signing.BadSignature:
        return None
    try:
        name, *accounts = data
        return KnownDevice(str(name), tuple((str(ref), int(epoch)) for ref, epoch in accounts))
    except (TypeError, ValueError):  # written in another form, by an earlier version
        return None


def get_device_name(request: HttpRequest, address: str, user: User | None = None) -> str:
    """The device's name when it is known for this account, else "". `user`: the account, where it
    was read already; else one statement, for the browsers that claim to be known and no other.
    """
    device = read_device(request)
    epoch = device.epoch_of(address) if device is not None else None
    if device is None or epoch is None:
        return ""
    if user is None:
        found = User.objects.filter(email_key=fold_address(address))
        current = found.values_list("session_epoch", flat=True).first()
    else:
        current = user.session_epoch
    return device.name if current == epoch else ""


def remember_device(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Mark this browser as known for the account. The cookie holds no address, and lives one
    year."""
    device = read_device(request)
    name = device.name if device is not None else secrets.token_hex(8)
    others = device.accounts if device is not None else ()
    ref = hash_address(user.email)
    mine = (ref, user.session_epoch)
    accounts = (mine, *(other for other in others if other[0] != ref))[:_MOST_ACCOUNTS]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps([name, *accounts], salt=_SALT),
        max_age=settings.KNOWN_DEVICE_LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
