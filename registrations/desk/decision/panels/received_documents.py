"""A received document at the desk: its pages drawn as pictures, or the original as a download.

Each page is drawn on request, by the bounded process of `registrations.documents.inspection`, and
is kept nowhere. What is drawn is a picture made here: nothing of the original reaches the browser.
"""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

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


def show_original(
    admin: ListedRequestAdmin, http: HttpRequest, object_id: str, upload_id: UUID
) -> HttpResponseBase:
    return build_download_response(_find_document(admin, http, object_id, upload_id)[1])


def show_pages(
    admin: ListedRequestAdmin, http: HttpRequest, object_id: str, upload_id: UUID
) -> HttpResponse:
    """The document's pages one under the other."""
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


def show_page_picture(
    admin: ListedRequestAdmin, http: HttpRequest, object_id: str, upload_id: UUID, number: int
) -> HttpResponse:
    """One page as a JPEG."""
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
