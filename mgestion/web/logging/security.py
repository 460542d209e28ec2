"""One logger for what an investigator looks for: who was refused what, from where, and why."""

import logging

from django.http import HttpRequest

from mgestion.web.logging.masking import mask_keys
from mgestion.web.middleware.client_ip import client_ip

_log = logging.getLogger("mgestion.security")


def log_refusal(code: str, request: HttpRequest | None = None) -> None:
    """A line with the id of the request, the client's address, the person's public id where the
    session says it, and `code`, which says why. Without `request` where none is at hand: its id
    leads to the line of the access log.
    """
    facts = {"code": code}
    if request is not None:
        # Set once the session was read; asking `request.user` would read it.
        user = getattr(getattr(request, "_cached_user", None), "public_id", None)
        facts |= {
            "method": request.method or "",
            "path": mask_keys(request.path),
            "client": client_ip(request) or "",
            "user": str(user) if user else "",
        }
    words = ", ".join(f"{name} {value}" for name, value in facts.items() if value)
    _log.warning("Refused: %s", words, extra=facts)
