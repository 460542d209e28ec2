"""The maintenance page: `touch DATA_DIR/MAINTENANCE` closes the portal, removing it opens it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from mgestion.web import programs
from mgestion.web.errors import render_error_page

RETRY_AFTER = 300  # seconds
# What watches the portal must still see it.
OPEN_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
_LONGEST_NOTE = 80
_LONGEST_MESSAGE = 300


class MaintenanceMiddleware:
    """Answers 503 while the file exists. One stat per request, no database.

    The file's first line, when it has one, is shown as the time of return (« 14 h 30 »); the second
    one as a message.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.switch = settings.DATA_DIR / "MAINTENANCE"

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        note = None if request.path in OPEN_PATHS else self._note()
        if note is None:
            return self.get_response(request)
        response = self._answer(request, *note)
        response["Retry-After"] = str(RETRY_AFTER)
        return response

    def _answer(self, request: HttpRequest, until: str, message: str) -> HttpResponse:
        for_program = programs.answer_program(request, programs.MAINTENANCE)
        if for_program is not None:
            return for_program
        return render_error_page(
            "maintenance.html", 503, maintenance_until=until, maintenance_message=message
        )

    def _note(self) -> tuple[str, str] | None:
        """What the file says (time of return, message), None when there is no file."""
        try:
            with self.switch.open(encoding="utf-8", errors="replace") as file:
                return file.readline(_LONGEST_NOTE).strip(), file.readline(_LONGEST_MESSAGE).strip()
        except FileNotFoundError:
            return None
        except OSError:  # a folder, or a file that only another user reads: it is there, so closed
            return "", ""
