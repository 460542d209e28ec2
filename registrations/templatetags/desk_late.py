"""Requests whose documents did not come by their deadline, with the decision that is proposed."""

from dataclasses import dataclass
from typing import Any, Final

from django import template
from django.http import HttpRequest

from accounts.habilitations.staff.permissions import filter_by_scope, get_staff
from registrations.requests.document_models import Asking
from registrations.requests.enums import RequestStatus
from registrations.requests.review.review_clock import get_page_time

register = template.Library()
SHOWN: Final = 10
_REQUEST_COLUMNS: Final = ("reference", "status", "last_name", "first_name")


@dataclass(frozen=True, slots=True)
class LateAsking:
    """A request whose applicant did not answer in time."""

    asking: Asking
    proposal: str


@register.inclusion_tag("admin/registrations/request/late.html")
def late_askings(request: HttpRequest) -> dict[str, Any]:
    """The late askings in the agent's scope, oldest first. One bounded query on an index."""
    staff = get_staff(request.user)
    if staff is None:
        return {"late": [], "more": False}
    rows = (
        Asking.objects.open()
        .filter(deadline_at__lte=get_page_time(request))
        .filter(filter_by_scope(staff, delegation="request__delegation_id", dga="request__dga_id"))
        .select_related("request")
        .only("deadline_at", *(f"request__{name}" for name in _REQUEST_COLUMNS))
        .order_by("deadline_at", "pk")[: SHOWN + 1]
    )
    late = [LateAsking(row, _propose_decision(row)) for row in rows]
    return {"late": late[:SHOWN], "more": len(late) > SHOWN}


def _propose_decision(asking: Asking) -> str:
    if asking.request.status == RequestStatus.APPROVED:
        return "suspendre l’accès"
    return "refuser la demande"
