"""Serves a received file as a download: the original is never shown inline."""

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
# If a browser shows it inline all the same, it can run nothing and reach no server.
DOCUMENT_POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"


def build_download_response(upload: Upload) -> FileResponse:
    """The file as an attachment; Http404 once it is deleted. The caller has checked the rights."""
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
    """Add the headers that sandbox the file, forbid caching and refuse cross-origin use."""
    response["Content-Security-Policy"] = DOCUMENT_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    return response
