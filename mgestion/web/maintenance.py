"""The maintenance page: `touch DATA_DIR/MAINTENANCE` closes the portal, removing it opens it."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from mgestion.web.errors import page

RETRY_AFTER = 300  # seconds
# What watches the portal must still see it.
OPEN_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
_LONGEST_NOTE = 80
_LONGEST_MESSAGE = 300

# Programs get what they parse, not a page: each sees a refusal that is not about the person, and
# may come back. Written out here: the rooms above may be what is being repaired.
_SAID: Final = "The portal is under maintenance"


def _xml(element: str) -> tuple[str, str]:
    return (
        "text/xml; charset=utf-8",
        '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">\n'
        f'  <cas:{element} code="INTERNAL_ERROR">{_SAID}</cas:{element}>\n'
        "</cas:serviceResponse>\n",
    )


_XML: Final = _xml("authenticationFailure")
_JSON: Final = (
    "application/json; charset=utf-8",
    '{"serviceResponse": {"authenticationFailure":'
    f' {{"code": "INTERNAL_ERROR", "description": "{_SAID}"}}}}}}',
)
_PROBLEM: Final = (
    "application/problem+json",
    '{"type": "about:blank", "title": "Service Unavailable", "status": 503,'
    ' "code": "maintenance", "detail": "The portal is under maintenance."}',
)
_PROGRAMS: Final[tuple[tuple[str, tuple[str, str]], ...]] = (
    ("/cas/validate", ("text/plain; charset=utf-8", "no\n\n")),
    ("/cas/serviceValidate", _XML),
    ("/cas/proxyValidate", _XML),
    ("/cas/proxy", _xml("proxyFailure")),
    ("/cas/p3/", _XML),
    ("/api/", _PROBLEM),
)


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
        for start, answer in _PROGRAMS:
            if request.path.startswith(start):
                wants_json = request.GET.get("format", "").upper() == "JSON"
                content_type, body = _JSON if answer is _XML and wants_json else answer
                return HttpResponse(body, content_type=content_type, status=503)
        return page("maintenance.html", 503, maintenance_until=until, maintenance_message=message)

    def _note(self) -> tuple[str, str] | None:
        """What the file says (time of return, message), None when there is no file."""
        try:
            with self.switch.open(encoding="utf-8", errors="replace") as file:
                return file.readline(_LONGEST_NOTE).strip(), file.readline(_LONGEST_MESSAGE).strip()
        except FileNotFoundError:
            return None
        except OSError:  # a folder, or a file that only another user reads: it is there, so closed
            return "", ""
