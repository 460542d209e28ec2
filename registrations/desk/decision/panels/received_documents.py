"""A received document at the desk: its pages drawn as pictures, or the original as a download.

Each page is drawn on request, by the bounded process of `registrations.documents.inspection`, and
is kept nowhere. What is drawn is a picture made here: nothing of the original reaches the browser.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from mgestion.errors import Refused
from registrations.desk.decision.context import DeskPage
from registrations.desk.decision.list_place import ListedRequestAdmin
from registrations.desk.decision.panels.papers import DOWNLOADABLE_SCANS
from registrations.documents.download import build_download_response, protect_response
from registrations.documents.files import get_stored_path
from registrations.documents.inspection import draw_page
from registrations.documents.reader_slots import limit_reader_threads
from registrations.requests.document_models import Upload
from registrations.requests.enums import FileKind

if TYPE_CHECKING:
    from collections.abc import Callable


def _find_document(
    admin: ListedRequestAdmin, http: HttpRequest, object_id: str, upload_id: UUID
) -> tuple[DeskPage, Upload]:
    """404 out of the agent's scope, and until the antivirus (if any) lets the file through."""
    table = DeskPage.open(admin, http, object_id, to_read=True)
    upload = Upload.objects.filter(
        request=table.item, pk=upload_id, scan__in=DOWNLOADABLE_SCANS
    ).first()
    if upload is None:
        raise Http404
    return table, upload


def make_original_view(admin: ListedRequestAdmin) -> "Callable[..., HttpResponseBase]":
    """The original."""

    @require_safe
    def view(http: HttpRequest, object_id: str, upload_id: UUID) -> HttpResponseBase:
        return build_download_response(_find_document(admin, http, object_id, upload_id)[1])

    return view


def make_pages_view(admin: ListedRequestAdmin) -> "Callable[..., HttpResponseBase]":
    """The page that shows the document's pages one under the other."""

    @require_safe
    def view(http: HttpRequest, object_id: str, upload_id: UUID) -> HttpResponse:
        table, upload = _find_document(admin, http, object_id, upload_id)
        shown = min(upload.pages, settings.DOCUMENT_PAGES_SHOWN)
        context = {
            "title": upload.name,
            "item": table.item,
            "queue_url": table.queue_url,
            "upload": upload,
            "numbers": range(1, shown + 1),
            "hidden": upload.pages - shown,
        }
        return admin.render_page(http, "document", context)

    return view


def make_page_picture_view(admin: ListedRequestAdmin) -> "Callable[..., HttpResponseBase]":
    """One page as a JPEG."""

    @require_safe
    def view(http: HttpRequest, object_id: str, upload_id: UUID, number: int) -> HttpResponse:
        upload = _find_document(admin, http, object_id, upload_id)[1]
        if not 1 <= number <= min(upload.pages, settings.DOCUMENT_PAGES_SHOWN):
            raise Http404
        try:
            with limit_reader_threads(settings.DOCUMENT_PAGE_THREADS):
                drawn = draw_page(get_stored_path(upload.stored), FileKind(upload.kind), number)
        except FileNotFoundError:
            raise Http404 from None
        except Refused as no:  # the <img> says so by its alternative text
            return protect_response(HttpResponse(no.message, status=503, content_type="text/plain"))
        return protect_response(HttpResponse(drawn, content_type="image/jpeg"))

    return view
