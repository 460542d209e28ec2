"""Template tags of the admin's home page: the review queue, and what waits for administrators."""

from typing import Any

from django import template
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from accounts.habilitations.staff.permissions import get_staff, may_configure, may_read
from accounts.people.models import User
from mgestion import slots
from mgestion.web.widgets import LongSelect
from registrations.desk.home import page as home_page
from registrations.desk.queue.changelist import QueueList
from registrations.desk.queue.filters import QueueFilter, RelatedRequestsFilter
from registrations.desk.queue.row_cells import draw_rows
from registrations.requests.enums import RequestStatus
from registrations.requests.review.review_clock import STATUS_TONES, get_page_time

register = template.Library()


@register.inclusion_tag("admin/registrations/home.html")
def desk_home(request: HttpRequest) -> dict[str, Any]:
    """The figures of the review queue; empty for staff who may not read requests."""
    user = request.user
    staff = get_staff(user)
    if staff is None or not may_read(staff) or not isinstance(user, User):
        return {"counters": []}
    return home_page.build_home_context(user, staff, get_page_time(request))


@register.inclusion_tag("admin/watch.html")
def watch_home(request: HttpRequest) -> dict[str, Any]:
    """What waits for a national administrator in each app, or has stopped; empty for others."""
    if not may_configure(get_staff(request.user)):
        return {"lines": []}
    now = get_page_time(request)
    return {"lines": [line for lines in slots.home_lines.values() for line in lines(now)]}


@register.simple_tag
def filter_select(spec: QueueFilter | RelatedRequestsFilter, changelist: ChangeList) -> SafeString:
    """The choices of a filter of the queue."""
    options = [(each["value"], capfirst(each["display"])) for each in spec.choices(changelist)]
    name = spec.parameter_name
    return LongSelect(choices=options).render(name, spec.chosen, {"id": f"filter-{name}"})


@register.simple_tag
def queue_rows(changelist: QueueList, *, with_boxes: bool) -> SafeString:
    """The body of the queue's table. `with_boxes`: for who may act on several requests."""
    return draw_rows(changelist.rows, changelist.shown, with_boxes=with_boxes)


@register.filter
def status_tone(status: str) -> str:
    """The CSS class of a request's status."""
    return STATUS_TONES[RequestStatus(status)]
