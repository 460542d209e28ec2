"""The page of a signed-in person who has no access to a platform: why, and what to do."""

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.platforms import cas_services
from accounts.habilitations.platforms.admission import may_be_asked_online
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.platforms.roles import build_roles_page
from accounts.people.signed_in import get_signed_in_user
from mgestion.outbox.catalogue.kinds import Contact
from registrations.enrolment import request_presentation
from registrations.enrolment.request_presentation import AccessState
from registrations.enrolment.views import render_no_form
from registrations.requests.contacts import get_delegation_contact, get_handler_contact
from registrations.requests.models import Request
from registrations.requests.platform_links import build_form_url, check_service
from registrations.requests.querysets import select_own_requests, select_requests_behind_access


@require_safe
def access_refused_view(request: HttpRequest, code: str) -> HttpResponse:
    """Status 403, with the state of the request; 404 for an unknown or closed platform. Keeps the
    service URL, so that the person can try again.
    """
    user = get_signed_in_user(request)
    platform = Platform.objects.filter(code=code, enabled=True).first()
    if platform is None:  # it may have closed since the person set out
        return render_no_form(request, None)
    service = request.GET.get("service", "")
    registered = cas_services.match_platform(service) if service else None
    asked = next(
        (row for row in select_own_requests(user)[:20] if row.platform_id == platform.pk),
        None,
    )
    over = (
        Access.objects.ended()
        .filter(user=user, platform=platform)
        .select_related("establishment__department__delegation")
        .order_by(F("suspended_at").desc(nulls_last=True), "-ended_at")
    )
    ended = over.first()
    suspended = ended if ended is not None and ended.suspended_at is not None else None
    behind = None
    if suspended is not None:
        behind = select_requests_behind_access(user, suspended).first()
    asked = behind or asked
    context = {
        "platform": platform,
        "roles": build_roles_page(platform),
        "service": service if registered and registered.pk == platform.pk else "",
        "ended": ended,
        "suspended": suspended,
        "behind": behind,
        "asked": asked,
        "badge": request_presentation.build_status_badge(asked, _get_access_state(suspended, ended))
        if asked
        else None,
        "may_ask": suspended is None
        and (asked is None or not asked.is_open)
        and may_be_asked_online(platform),
        "form_url": build_form_url(platform, service=check_service(platform, service)),
        "contact": _choose_contact(suspended, asked),
    }
    return render(request, "registrations/space/access_refused.html", context, status=403)


def _get_access_state(suspended: Access | None, ended: Access | None) -> AccessState:
    """The state of the latest access; a person who is refused here has no open one."""
    if suspended is not None:
        return AccessState.SUSPENDED
    return AccessState.ENDED if ended is not None else AccessState.OPEN


def _choose_contact(suspended: Access | None, asked: Request | None) -> Contact:
    if suspended is not None:
        return get_delegation_contact(suspended.establishment.department.delegation)
    return get_handler_contact(asked) if asked else get_delegation_contact(None)
