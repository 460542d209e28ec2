"""Where a `next` may lead: this portal, nowhere else (ASVS 1.2.2)."""

from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve

_LONGEST = 2000


def local_path(candidate: str) -> str:
    """`candidate` when it is a path of this portal that only shows something, else "".

    Browsers read a backslash as a slash and drop tabs and line ends inside an address, so none of
    them is accepted anywhere.
    """
    if not candidate or len(candidate) > _LONGEST:
        return ""
    if not candidate.startswith("/") or candidate.startswith("//"):
        return ""
    if "\\" in candidate or any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in candidate):
        return ""
    try:
        parts = urlsplit(candidate)
    except ValueError:
        return ""
    if parts.scheme or parts.netloc or parts.path.startswith("//") or _has_side_effect(parts.path):
        return ""
    return candidate


def _has_side_effect(path: str) -> bool:
    """Whether going to `path` does something: a link to the login page would log its reader out.

    Read as the server will: decoded, and without the dot-segments that browsers take out.
    """
    path = unquote(path)
    if any(segment in (".", "..") for segment in path.split("/")):
        return True
    try:
        return resolve(path).view_name in settings.ACTS_ON_GET
    except Resolver404:
        return False
