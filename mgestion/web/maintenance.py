"""The maintenance page: `touch DATA_DIR/MAINTENANCE` closes the portal, removing it opens it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from mgestion.web.errors import page

RETRY_AFTER = 300  # seconds
# What watches the portal must still see it.
OPEN_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
_LONGEST_NOTE = 80


class MaintenanceMiddleware:
    """Answers 503 while the file exists. One stat per request, no database.

    The file's first line, when it has one, is shown as the time of return (« 14 h 30 »).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.switch = settings.DATA_DIR / "MAINTENANCE"

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        until = None if request.path in OPEN_PATHS else self._note()
        if until is None:
            return self.get_response(request)
        response = page("maintenance.html", 503, maintenance_until=until)
        response["Retry-After"] = str(RETRY_AFTER)
        return response

    def _note(self) -> str | None:
        """What the file says, None when there is no file."""
        try:
            with self.switch.open(encoding="utf-8", errors="replace") as file:
                return file.readline(_LONGEST_NOTE).strip()
        except FileNotFoundError:
            return None
