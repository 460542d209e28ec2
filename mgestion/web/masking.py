"""Keys that were e-mailed and CAS tickets open doors: no log and no stored mail holds them.

Which part of an address is a key, the routes say themselves (`mgestion.web.mailed_keys`). Whatever
looks like a signed value is masked too, wherever it stands: that holds before the routes are read,
and for a key that was cut out of its address.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

MASK = "***"

# What Django's Signer makes: a value, a point, and 256 bits in base64.
_SIGNED = re.compile(r"[\w-]+\.[\w-]{43}(?![\w-])", re.ASCII)
_SECRET_PARAMETER = re.compile(
    r"([?&;](?:ticket|pgt|pgtId|pgtIou|logoutRequest)=)[^&;#\s\"']+", re.I
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_routes: list[re.Pattern[str]] = []  # one pattern, once the routes are read
_reading = False


def _key_in_path() -> re.Pattern[str] | None:
    """The pattern of the routes that hold a key; None in a process that has none to read yet."""
    global _reading
    if not _routes and not _reading:
        from django.apps import apps

        if not apps.ready:
            return None
        _reading = True
        try:
            from mgestion.web.mailed_keys import key_pattern

            _routes.append(re.compile(key_pattern()))
        finally:
            _reading = False
    return _routes[0] if _routes else None


def _masked(text: str) -> str:
    pattern = _key_in_path()
    if pattern is not None:
        text = pattern.sub(rf"\1{MASK}", text)
    return _SIGNED.sub(MASK, _SECRET_PARAMETER.sub(rf"\1{MASK}", text))


def mask(text: str) -> str:
    """`text` (a request line, an address, a log line, a mail) without keys and tickets."""
    masked = _masked(text)
    if "%" in masked:
        # /mot%2Dde%2Dpasse/… is the same page for Django: masked as it is understood.
        plain = unquote(masked)
        understood = _masked(plain)
        if understood != plain:
            return _CONTROL.sub("?", understood)  # a decoded line break would forge a line
    return masked


def mask_query(query: str) -> str:
    """The same for a query string without its question mark."""
    return mask(f"?{query}")[1:] if query else query
