"""The public page of the roles."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.habilitations.enums import Role, WayIn
from accounts.habilitations.platforms.mgestion_platforms import MGESTION_COMPANY
from accounts.habilitations.platforms.models import AdmissionRule, Platform
from accounts.habilitations.platforms.roles import build_roles_page, list_role_texts


@login_not_required
@require_safe
def roles_view(request: HttpRequest) -> HttpResponse:
    """The seven roles, and what each may do on each platform; a platform is `#` its code.
    Which profile of M-Gestion's form leads to a role comes from the table of admission rules.
    """
    asked: dict[str, list[str]] = {}
    rules = AdmissionRule.objects.filter(platform__code=MGESTION_COMPANY, way_in=WayIn.FORM)
    for role, label in rules.values_list("role", "profile__label"):
        asked.setdefault(role, []).append(label)
    platforms = list(Platform.objects.filter(enabled=True))
    known = list_role_texts(platforms)
    context = {
        "general": [
            (
                role,
                known.get((None, role), []),
                [platform for platform in platforms if role in platform.roles],
                asked.get(role, []),
            )
            for role in Role
        ],
        "pages": [build_roles_page(platform, known) for platform in platforms],
        "form_platform": MGESTION_COMPANY,
        "help_url": reverse("registrations:help"),
    }
    return render(request, "habilitations/roles.html", context)
