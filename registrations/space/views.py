"""The landing page, « Mes services en ligne », the dashboards and the help page."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.accesses.querysets import annotate_last_activity, select_open_accesses
from accounts.habilitations.enums import Dashboard, Role
from accounts.habilitations.platforms.mgestion_platforms import MGESTION
from accounts.legal.terms.gate import conditions_wait, get_conditions_gate_url
from accounts.people.models import User
from accounts.people.signed_in import get_signed_in_user
from accounts.people.to_do import Urgency, list_to_do
from registrations.accesses.later_role_flows import exists_later_role
from registrations.enrolment import request_presentation
from registrations.enrolment.awaited_answers import OWN_REQUESTS
from registrations.establishments.views import build_list_url
from registrations.requests.activity import record_platform_activity
from registrations.requests.contacts import get_delegation_contact
from registrations.requests.enums import OPEN_STATUSES, RequestStatus
from registrations.requests.models import Request
from registrations.requests.querysets import (
    select_applicant_events,
    select_open_requests,
    select_own_requests,
    select_request_summaries,
    select_requests_behind_access,
)
from registrations.space.dashboards import get_dashboard_content
from registrations.space.my_services import build_tiles, list_awaited_lines, load_my_services


@require_safe
def landing_view(request: HttpRequest) -> HttpResponse:
    """Choose the first page after login.

    With an M-Gestion access, its dashboard; with an open request, its page; with a suspended
    access, the page of the request that opened it; with another access only, the services; after a
    refusal, its page; else the form. `?branche=` comes from a published link.
    """
    user = get_signed_in_user(request)
    held = annotate_last_activity(select_open_accesses(user))
    waits = conditions_wait(user, timezone.now())
    accesses = list(held.annotate(conditions_wait=waits, later_role=exists_later_role()))
    mine = [access for access in accesses if access.platform.code in MGESTION]
    if mine:
        access = _choose_access(mine, request)
        if getattr(access, "conditions_wait") is not None:  # noqa: B009 - an annotation
            return redirect(get_conditions_gate_url(access.platform, request.get_full_path()))
        return _render_dashboard(request, user, access, mine)
    branche = request.GET.get("branche", "")
    published = branche in Dashboard.values  # a link to M-Gestion: the others wait in the services
    open_requests, latest = select_open_requests(user), select_request_summaries(user)
    if published:
        open_requests = open_requests.filter(platform__code__in=MGESTION)
        latest = latest.filter(platform__code__in=MGESTION)
    waiting = open_requests.first()
    if waiting is not None:
        return redirect("registrations:request_status", waiting.reference)
    suspended = _find_suspended_access(user, MGESTION if published or accesses else None)
    if suspended is not None:
        behind = select_requests_behind_access(user, suspended).first()
        if behind is not None:
            return redirect("registrations:request_status", behind.reference)
        return redirect("registrations:services")
    if published or not (accesses or user.is_staff):
        # After a refusal the person expects its reason, not an empty form.
        last = latest.first()
        if last is not None and last.status == RequestStatus.REFUSED:
            return redirect("registrations:request_status", last.reference)
    if published:
        # The published links of M-Gestion open the form with its initial values.
        return redirect(f"{reverse('registrations:request_new')}?{urlencode({'branche': branche})}")
    if accesses:
        return redirect("registrations:services")
    if user.is_staff:
        return redirect(settings.STAFF_LANDING_URL_NAME)
    if any(line.urgency < Urgency.ANNOUNCED for line in list_to_do(user, timezone.now())):
        return redirect("registrations:services")  # an invitation, for example, is said there
    return redirect("registrations:request_new")


@require_safe
def services_view(request: HttpRequest) -> HttpResponse:
    """« Mes services en ligne »."""
    user, now = get_signed_in_user(request), timezone.now()
    found = load_my_services(user)
    known = list_awaited_lines(found, now)
    to_do = list_to_do(user, now, known=known, without=[OWN_REQUESTS])
    context = {"tiles": build_tiles(found, to_do), "to_do": to_do}
    return render(request, "registrations/space/services.html", context)


@require_safe
def authenticate_view(request: HttpRequest, branche: str) -> HttpResponse:
    """The published M-Gestion links: redirect to the landing page.

    The redirect drops a `ticket` parameter (the portal is its own CAS service), so that it does not
    stay in the address bar, the history or a Referer.
    """
    if branche not in Dashboard.values:
        raise Http404
    return redirect(f"{reverse('registrations:landing')}?{urlencode({'branche': branche})}")


@login_not_required
@require_safe
def help_view(request: HttpRequest) -> HttpResponse:
    """/aide/: the seven steps."""
    return render(request, "registrations/space/help.html")


def _find_suspended_access(user: User, codes: Sequence[str] | None) -> Access | None:
    """The latest suspended access, to the platforms of `codes` if they are named, or None."""
    suspended = Access.objects.suspended().filter(user=user)
    if codes is not None:
        suspended = suspended.filter(platform__code__in=codes)
    return suspended.select_related("establishment").order_by("-suspended_at").first()


def _choose_access(mine: Sequence[Access], request: HttpRequest) -> Access:
    """The access of the URL's establishment, else of the URL's branch, else the latest."""
    latest = sorted(mine, key=lambda access: (access.granted_at, access.pk), reverse=True)
    picked = request.GET.get("etablissement", "")
    for access in latest:
        if picked and access.establishment.key == picked:
            return access
    for access in latest:
        if access.dashboard == request.GET.get("branche"):
            return access
    return latest[0]


def _load_requests(user: User, access: Access) -> tuple[list[Request], Request | None]:
    """The open requests, newest first, and the request that opened `access`. One query."""
    opened = Q(status=RequestStatus.APPROVED, establishment=access.establishment_id)
    rows = list(select_own_requests(user).filter(Q(status__in=OPEN_STATUSES) | opened))
    waiting = [row for row in rows if row.is_open]
    decided = [row for row in rows if row.decided_at is not None and not row.is_open]
    behind = max(decided, key=lambda row: row.decided_at or row.submitted_at, default=None)
    return waiting, behind


def _render_dashboard(
    request: HttpRequest, user: User, access: Access, mine: Sequence[Access]
) -> HttpResponse:
    last: datetime | None = getattr(access, "last_at")  # noqa: B009 - an annotation
    record_platform_activity(user, access.platform_id, last=last, now=timezone.now())
    shown = get_dashboard_content(access.dashboard or Dashboard.OF)
    branche = request.GET.get("branche", "")
    waiting, made_by = _load_requests(user, access)
    landing_url = reverse("registrations:landing")
    others = [(other, f"{landing_url}?etablissement={other.establishment.key}") for other in mine]
    return render(
        request,
        "registrations/space/dashboard.html",
        {
            "content": shown,
            "access": access,
            "others": others if len(others) > 1 else [],
            "administers": Role(access.role).is_administrator,
            "users_url": build_list_url(access.establishment),
            "later_role": getattr(access, "later_role"),  # noqa: B009 - an annotation
            "contact": get_delegation_contact(access.establishment.department.delegation),
            "made_by": made_by,
            "events": [
                request_presentation.build_history_line(event)
                for event in select_applicant_events(made_by)
            ]
            if made_by
            else [],
            "waiting": waiting[:5],
            "to_do": list_to_do(user, timezone.now()),
            "other_link": Dashboard(branche).label
            if branche in Dashboard.values and branche != access.dashboard
            else "",
        },
    )
