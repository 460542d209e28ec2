"""A person who logged in but may not enter a platform: which one, by which role, and what to do
(B9).
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.habilitations import services
from accounts.habilitations.enums import Role
from accounts.habilitations.models import Access, Platform
from accounts.habilitations.querysets import MGESTION, mgestion_platform
from registrations import presenting
from registrations.contacts import contact_of, handler
from registrations.querysets import own_requests
from registrations.views.people import person


@never_cache
@require_safe
def access_refused(request: HttpRequest, code: str) -> HttpResponse:
    """403, with where the request stands. The service goes along, so that one may try again."""
    user = person(request)
    platform = Platform.objects.filter(code=code, enabled=True).first()
    if platform is None:
        raise Http404
    service = request.GET.get("service", "")
    registered = services.match(service) if service else None
    asked = next(
        (row for row in own_requests(user)[:20] if mgestion_platform(row.kind) == platform.code),
        None,
    )
    ended = Access.objects.filter(user=user, platform=platform, ended_at__isnull=False)
    context = {
        "platform": platform,
        "roles": [Role(role).label for role in platform.roles if role in Role.values],
        "service": service if registered and registered.pk == platform.pk else "",
        "ended": ended.order_by("-ended_at").first(),
        "asked": asked,
        "badge": presenting.badge(asked) if asked else None,
        "may_ask": platform.code in MGESTION and (asked is None or not asked.is_open),
        "contact": handler(asked) if asked else contact_of(None),
    }
    return render(request, "registrations/access_refused.html", context, status=403)
