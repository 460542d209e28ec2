"""What the agents' home shows of the desk."""

from typing import Any

from django import template
from django.http import HttpRequest

from accounts.habilitations.permissions import may_decide, scope, staff_of
from accounts.habilitations.querysets import unrouted
from accounts.models import User
from registrations.admin.clock import OPEN, now_of
from registrations.admin.counters import counters
from registrations.admin.evidence import next_to_do
from registrations.admin.facets import cells
from registrations.models import Request

register = template.Library()


@register.inclusion_tag("admin/registrations/home.html")
def desk_home(request: HttpRequest) -> dict[str, Any]:
    """Counters that open the queue, and the first request to handle; nothing for others."""
    user = request.user
    staff = staff_of(user)
    if staff is None or not isinstance(user, User):
        return {"counters": [], "unrouted": [], "next_item": None, "decides": False}
    return {
        "counters": counters(
            user, staff, cells(Request.objects.filter(scope(staff), OPEN), now_of(request))
        ),
        "unrouted": unrouted() if staff.sees_everything else [],
        "decides": may_decide(staff),
        "next_item": next_to_do(None, staff, user) if may_decide(staff) else None,
    }
