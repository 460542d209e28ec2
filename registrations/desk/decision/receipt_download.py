"""The receipt of a request, for the agents who may see it."""

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from mgestion.errors import Refused
from registrations.desk.decision.context import DeskPage
from registrations.desk.decision.list_place import ListedRequestAdmin
from registrations.receipts.views import build_receipt_response


def show_receipt(admin: ListedRequestAdmin, http: HttpRequest, object_id: str) -> HttpResponseBase:
    """The same document as the person's; 404 out of the agent's scope."""
    page = DeskPage.open(admin, http, object_id, to_read=True)
    try:
        return build_receipt_response(page.item, page.user)
    except Refused as refused:
        messages.warning(http, refused.message)
        return redirect("admin:registrations_request_change", page.item.pk)
