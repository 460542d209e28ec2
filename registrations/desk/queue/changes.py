"""What an open list asks from time to time: has anything changed since it was shown?"""

from datetime import UTC, datetime
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from accounts.habilitations.staff.permissions import get_staff, may_read
from registrations.desk.decision.list_place import (
    COUNT_LIMIT,
    ListedRequestAdmin,
    read_list_query,
)
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import RequestEvent

_HOLDER_ACTS: Final = (RequestAct.TAKEN, RequestAct.RELEASED, RequestAct.ASSIGNED)
SINCE_PARAMETER: Final = "depuis"


def build_list_stamp(number: int, waiting: int) -> str:
    """Two lists with the same stamp have as many requests, and as many that wait for an author."""
    return f"{min(number, COUNT_LIMIT + 1)}-{waiting}"


def list_changes_view(model_admin: ListedRequestAdmin, http: HttpRequest) -> HttpResponse:
    """One statement over the list, which is counted up to a bound, and one over what others did to
    it: whoever holds a request is no part of the stamp.
    """
    if not may_read(get_staff(http.user)):
        raise PermissionDenied
    if http.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    rows = model_admin.select_listed(http, read_list_query(http)).select_related(None).order_by()
    since = _read_moment(http.GET.get(SINCE_PARAMETER, ""))
    found = rows.values("status", "submitted_at")[: COUNT_LIMIT + 1].aggregate(
        number=Count("status"),
        waiting=Count("status", filter=Q(status=RequestStatus.AWAITING_DOCUMENT)),
        new=Count("submitted_at", filter=Q(submitted_at__gt=since)),
    )
    stamp = build_list_stamp(found["number"], found["waiting"])
    moved = RequestEvent.objects.filter(
        request__in=rows.values("pk")[: COUNT_LIMIT + 1], act__in=_HOLDER_ACTS, at__gt=since
    ).exclude(actor=http.user.public_id)  # type: ignore[union-attr]  # an agent is a User
    held = moved.values("request").distinct().count()
    return JsonResponse({"stamp": stamp, "new": found["new"], "held": held})


def _read_moment(text: str) -> datetime:
    """Seconds since 1970; what is no number is the time of no request."""
    known = text.isascii() and text.isdigit() and len(text) < 12
    return datetime.fromtimestamp(int(text), UTC) if known else datetime.max.replace(tzinfo=UTC)
