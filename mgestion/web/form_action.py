"""Where the forms of one page may end."""

import re
from urllib.parse import urlsplit

from django.http.response import HttpResponseBase

_UNFIT = re.compile(r"[\s;,'\"*]")


def csp_origin(url: str) -> str:
    """The origin of an absolute address as a CSP source; "" for what a policy must not hold."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    return "" if _UNFIT.search(origin) else origin


def may_lead_to(response: HttpResponseBase, url: str) -> None:
    """Lets the forms of this page end on `url`, which the caller has validated.

    A browser applies `form-action` to every redirect that follows the POST, so that without this
    the
    way back to a platform stops at the login page and at each page between. "" changes nothing.
    """
    origin = csp_origin(url) if url else ""
    if origin:
        # django-csp's own attribute for what one response adds to the policy.
        vars(response)["_csp_update"] = {"form-action": [origin]}
