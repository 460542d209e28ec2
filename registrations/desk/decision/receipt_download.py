"""The receipt of a request, for the agents who may see it."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from mgestion.errors import Refused
from registrations.desk.decision.context import DeskPage
from registrations.desk.decision.list_place import ListedRequestAdmin
from registrations.receipts.views import build_receipt_response

if TYPE_CHECKING:
    from collections.abc import Callable


def make_receipt_view(admin: ListedRequestAdmin) -> "Callable[..., HttpResponseBase]":
    """The same document as the person's; 404 out of the agent's scope."""

    @require_safe
    def view(http: HttpRequest, object_id: str) -> HttpResponseBase:
        page = DeskPage.open(admin, http, object_id, to_read=True)
        item = page.item
        try:
            return build_receipt_response(item, page.user)
        except Refused as refused:
            messages.warning(http, refused.message)
            return redirect("admin:registrations_request_change", item.pk)

    return view
