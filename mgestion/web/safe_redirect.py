"""Where a `next` may lead: this portal, nowhere else (ASVS 1.2.2)."""

from urllib.parse import urlsplit

_LONGEST = 2000


def local_path(candidate: str) -> str:
    """`candidate` when it is a path of this portal, else "".

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
    return "" if parts.scheme or parts.netloc or parts.path.startswith("//") else candidate
