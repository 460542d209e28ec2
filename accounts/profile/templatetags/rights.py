"""What the agents' home shows of the requests on rights, to those who answer them."""

from datetime import timedelta
from typing import Any

from django import template
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.habilitations.staff.permissions import get_staff, may_read
from accounts.profile.models import RightsRequest
from mgestion.text.dates import french_date, paris_date

register = template.Library()


@register.inclusion_tag("admin/profile/home.html")
def rights_home(request: HttpRequest) -> dict[str, Any]:
    """What waits, what is late, and the first to answer: for the DPO, whose desk this is. Two
    statements, one when nothing waits.
    """
    staff = get_staff(request.user)
    if staff is None or may_read(staff) or not _may_answer(request):
        return {"figures": []}
    today = paris_date(timezone.now())
    waiting = RightsRequest.objects.open()
    counts = waiting.aggregate(
        all=Count("pk"),
        late=Count("pk", filter=Q(due_on__lt=today)),
        soon=Count("pk", filter=Q(due_on__range=(today, today + timedelta(days=7)))),
    )
    first = waiting.order_by("due_on", "created_at").first() if counts["all"] else None
    listed = reverse("admin:profile_rightsrequest_changelist")
    return {
        "figures": [
            ("À traiter", counts["all"], f"{listed}?echeance=ouvertes", ""),
            ("En retard", counts["late"], f"{listed}?echeance=retard", "is-late"),
            ("Dans les 7\u00a0jours", counts["soon"], f"{listed}?echeance=semaine", "is-amber"),
        ],
        "first": first,
        "due": french_date(first.due_on) if first else "",
    }


def _may_answer(request: HttpRequest) -> bool:
    return request.user.has_perm("profile.change_rightsrequest")
