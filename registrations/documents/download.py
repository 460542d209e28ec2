"""A received file, as a download: the original is never shown inline, whatever is in it."""

from typing import Final, TypeVar

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase

from registrations.documents.files import open_stored_file
from registrations.requests.document_models import Upload
from registrations.requests.enums import FileKind, ScanResult

_CONTENT_TYPES: Final = {
    FileKind.PDF: "application/pdf",
    FileKind.JPEG: "image/jpeg",
    FileKind.PNG: "image/png",
}
_Response = TypeVar("_Response", bound=HttpResponseBase)
# Should a browser show it all the same, it can do nothing and reach nobody.
DOCUMENT_POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"


def build_download_response(upload: Upload) -> FileResponse:
    """404 once the file is gone. The caller has checked who asks."""
    if upload.scan == ScanResult.INFECTED:
        raise Http404
    try:
        data = open_stored_file(upload.stored)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        data,
        as_attachment=True,
        filename=upload.name,
        content_type=_CONTENT_TYPES[FileKind(upload.kind)],
    )
    return protect_response(response)


def protect_response(response: _Response) -> _Response:
    """Under the sandbox, kept nowhere, and for pages of the portal only."""
    response["Content-Security-Policy"] = DOCUMENT_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    return response
