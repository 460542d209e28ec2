"""The receipt of a request as a download, for its author; agents get it from the desk."""

from typing import Final

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.people.models import User
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused
from registrations.documents.download import protect_response
from registrations.receipts.receipt_content import build_receipt
from registrations.receipts.receipt_pdf import draw_receipt_pdf
from registrations.requests.enums import RequestOrigin
from registrations.requests.models import Request
from registrations.requests.signed_in_views import get_own_request

DRAWINGS_A_MINUTE: Final = 6
_TOO_MANY: Final = (
    "Vous avez demandé ce document plusieurs fois. Attendez une minute, puis demandez-le de "
    "nouveau."
)


@require_safe
def receipt_view(request: HttpRequest, reference: str) -> HttpResponse:
    current = get_own_request(request, reference)
    try:
        return build_receipt_response(current, get_signed_in_user(request))
    except Refused as refused:
        messages.warning(request, refused.message)
        return redirect("registrations:request_status", reference)


def build_receipt_response(current: Request, reader: User) -> HttpResponse:
    """Http404 for the file of an access that nobody asked for. The caller checked the rights.
    Raises Refused when it cannot be drawn now.
    """
    if current.origin == RequestOrigin.STAFF:
        raise Http404
    _count_drawing(reader)
    data = draw_receipt_pdf(build_receipt(current, timezone.now()))
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="demande-{current.reference}.pdf"'
    return protect_response(response)


def _count_drawing(reader: User) -> None:
    """Refuse more than DRAWINGS_A_MINUTE to one person: drawing takes the place of the readers of
    documents. Counted in the process, since a GET writes nothing.
    """
    key = f"receipts-{reader.public_id}"
    cache.add(key, 0, 60)
    try:
        drawn = cache.incr(key)
    except ValueError:  # the minute ended between the two
        return
    if drawn > DRAWINGS_A_MINUTE:
        raise Refused("receipt_again", _TOO_MANY)
