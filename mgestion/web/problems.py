"""The problem document (RFC 9457): how errors are written for programs."""

from typing import Any, Final

from django.http import JsonResponse

from mgestion.web.logging.request_id import current_request_id

MEDIA_TYPE: Final = "application/problem+json"


def problem_response(
    status: int, code: str, title: str, detail: str = "", **more: Any
) -> JsonResponse:
    """The document, with the id that finds the request in the logs. `code` is stable, for programs;
    `more` are members of the caller's own.
    """
    document = {
        "type": f"about:blank#{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": current_request_id(),
        "errors": [],
        **more,
    }
    return JsonResponse(document, status=status, content_type=MEDIA_TYPE)
