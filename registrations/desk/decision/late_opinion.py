"""An opinion that comes too late: who was asked gets back what they typed. Their right to read the
request has ended, and the page shows nothing of it but its reference.
"""

from typing import Final, cast
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.habilitations.staff.permissions import get_staff, may_decide
from accounts.people.models import User
from registrations.desk.decision.context import parse_number
from registrations.desk.decision.list_place import ListedRequestAdmin
from registrations.desk.opinions.models import Opinion
from registrations.search.lookups import is_uuid

_SENT_TWICE: Final = "Votre avis sur la demande {} est déjà enregistré."


def answer_late_opinion(
    admin: ListedRequestAdmin, http: HttpRequest, object_id: str
) -> HttpResponse | None:
    """None while the opinion is awaited, and for an agent of whom it was never asked."""
    staff = get_staff(http.user)
    if http.method != "POST" or staff is None or not may_decide(staff) or not is_uuid(object_id):
        return None
    user = cast(User, http.user)
    asked = Opinion.objects.filter(Q(person=user.public_id) | Q(dga__in=staff.dga_ids))
    opinion = (
        asked.filter(request=UUID(object_id), pk=parse_number(http.POST.get("opinion", "")))
        .select_related("request")
        .first()
    )
    if opinion is None or (opinion.closed_at is None and opinion.request.is_open):
        return None
    reference = opinion.request.reference
    if opinion.answered_by == user.public_id:
        messages.info(http, _SENT_TWICE.format(reference))
        return HttpResponseRedirect(reverse("admin:index"))
    context = {
        "title": f"Avis sur la demande {reference}",
        "reference": reference,
        "opinion": opinion,
        "typed": http.POST.get("answer", ""),
    }
    return admin.render_page(http, "late_opinion", context, status=409)
