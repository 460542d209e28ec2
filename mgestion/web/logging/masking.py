"""Keys that were e-mailed and CAS tickets open doors: no log and no stored mail holds them.

Which part of an address is a key, the routes say themselves (`mgestion.web.mailed_keys`); packages
declare the parameters that are secret (`slots.secret_parameters`). Whatever
looks like a signed value is masked too, wherever it stands: that holds before the routes are read,
and for a key that was cut out of its address.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from mgestion import slots

MASK = "***"

# What Django's Signer makes: a value, a point, and 256 bits in base64.
_SIGNED = re.compile(r"[\w-]+\.[\w-]{43}(?![\w-])", re.ASCII)
# Where PostgreSQL quotes a statement with its values, or a row.
_QUOTED = re.compile(r"^(\s*(?:LINE \d+|DETAIL|CONTEXT|STATEMENT):).*$", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_declared: list[re.Pattern[str]] = []  # once the applications are ready and the routes are read
_reading = False


def _declared_patterns() -> list[re.Pattern[str]]:
    """What the packages declare secret, after group 1: keys in their routes, values of parameters.
    Empty in a process that has no applications yet.
    """
    global _reading
    if not _declared and not _reading:
        from django.apps import apps

        if not apps.ready:
            return []
        _reading = True
        try:
            from mgestion.web.mailed_keys import key_pattern

            names = [name for names in slots.secret_parameters.values() for name in names]
            parameter = rf"([?&;](?:{'|'.join(names)})=)[^&;#\s\"']+"
            _declared.extend([re.compile(key_pattern()), re.compile(parameter, re.IGNORECASE)])
        finally:
            _reading = False
    return _declared


def _mask_once(text: str) -> str:
    for pattern in _declared_patterns():
        text = pattern.sub(rf"\1{MASK}", text)
    return _SIGNED.sub(MASK, text)


def mask_keys(text: str) -> str:
    """`text` (a request line, an address, a log line, a mail) without keys and tickets."""
    masked = _mask_once(text)
    if "%" in masked:
        # /mot%2Dde%2Dpasse/… is the same page for Django: masked as it is understood.
        plain = unquote(masked)
        understood = _mask_once(plain)
        if understood != plain:
            return _CONTROL.sub("?", understood)  # a decoded line break would forge a line
    return masked


def mask_trace(text: str) -> str:
    """A traceback without keys, and without the values that the database quotes in its errors."""
    return _QUOTED.sub(rf"\1 {MASK}", mask_keys(text))


def mask_query(query: str) -> str:
    """The same for a query string without its question mark."""
    return mask_keys(f"?{query}")[1:] if query else query
