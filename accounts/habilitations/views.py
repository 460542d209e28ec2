"""The public page of the roles."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.models import Platform, Profile
from accounts.habilitations.roles import ROLES


@login_not_required
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """The seven roles and what each opens (R78); how M-Gestion's form leads to them comes from the
    profile table.
    """
    asked: dict[str, list[str]] = {}
    for profile in Profile.objects.filter(proposed=True):
        if EstablishmentKind.ENTREPRISE in profile.kinds:  # the only ones who choose (D3)
            asked.setdefault(profile.role, []).append(profile.label)
    context = {
        "roles": [(page, asked.get(page.role, [])) for page in ROLES],
        "help_url": reverse("registrations:help"),
        "platforms": Platform.objects.filter(enabled=True),
    }
    return render(request, "habilitations/roles.html", context)
