"""Keys that were e-mailed and CAS tickets open doors: no log holds them."""

from __future__ import annotations

import re
from urllib.parse import unquote

MASK = "***"

# `oublie` is a page, not a key.
_KEY_IN_PATH = re.compile(
    r"(/(?:inscription/mot-de-passe|mot-de-passe|deverrouillage)/)(?!oublie\b)[^/?#\s\"']+"
)
_SECRET_PARAMETER = re.compile(
    r"([?&;](?:ticket|pgt|pgtId|pgtIou|logoutRequest)=)[^&;#\s\"']+", re.I
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def mask(text: str) -> str:
    """`text` (a request line, an address, a log line) without keys and tickets."""
    masked = _SECRET_PARAMETER.sub(rf"\1{MASK}", _KEY_IN_PATH.sub(rf"\1{MASK}", text))
    if "%" in masked:
        # /mot%2Dde%2Dpasse/… is the same page for Django: masked as it is understood.
        plain = unquote(masked)
        understood = _SECRET_PARAMETER.sub(rf"\1{MASK}", _KEY_IN_PATH.sub(rf"\1{MASK}", plain))
        if understood != plain:
            return _CONTROL.sub("?", understood)  # a decoded line break would forge a line
    return masked


def mask_query(query: str) -> str:
    """The same for a query string without its question mark."""
    return mask(f"?{query}")[1:] if query else query
