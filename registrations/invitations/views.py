"""« Invitations »: the pages where an administrator invites colleagues to an establishment."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.platforms.roles import list_roles_pages
from accounts.people.models import User
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused
from mgestion.text.dates import french_last_day
from mgestion.web.message_storage import warn_of_refusal
from registrations.establishments.colleagues import (
    list_administered_establishments,
)
from registrations.establishments.views import (
    build_list_url,
    build_place_url,
    find_administered_place,
    list_other_places,
)
from registrations.invitations import flows
from registrations.invitations.forms import InvitationForm
from registrations.invitations.invitation_rows import build_invitation_rows
from registrations.invitations.models import Invitation
from registrations.invitations.querysets import (
    list_offers,
    select_administrator_accesses,
    select_invitations_with_details,
)
from registrations.requests.contacts import get_delegation_contact

PER_PAGE: Final = 50


@require_safe
def invitations_view(request: HttpRequest) -> HttpResponse:
    """The invitations of one establishment, newest first. The number of queries does not depend on
    the rows.
    """
    viewer = get_signed_in_user(request)
    place, mine = find_administered_place(request, viewer)
    rows = select_invitations_with_details().filter(establishment=place)
    page = Paginator(rows.order_by("-invited_at", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    held = select_administrator_accesses(viewer, place).order_by()
    administered = set(held.values_list("platform_id", flat=True))
    return render(
        request,
        "registrations/invitations/list.html",
        {
            "place": place,
            "others": list_other_places(mine, build_invitations_url),
            "page": page,
            "rows": build_invitation_rows(page.object_list, administered, timezone.now()),
            "back": build_list_url(place),
            "contact": get_delegation_contact(place.department.delegation),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def invite_view(request: HttpRequest) -> HttpResponse:
    """« Inviter un collègue »."""
    viewer = get_signed_in_user(request)
    place, _ = find_administered_place(request, viewer)
    offers = list_offers(viewer, place)
    posted = request.POST if request.method == "POST" else None
    form = InvitationForm(posted, offers=offers, choice=request.POST.get("choice", ""))
    if posted is not None and form.is_valid() and not form.suggestion:
        platform_code, profile_code = form.get_offer()
        try:
            made = flows.invite_colleague(
                viewer,
                place.key,
                email=form.cleaned_data["email"],
                platform_code=platform_code,
                profile_code=profile_code,
                now=timezone.now(),
            )
        except Refused as refused:
            field = {"oneself": "email", "already_invited": "email", "not_offered": "offer"}
            form.add_error(field.get(refused.code), refused.message)
        else:
            messages.success(
                request,
                f"L’invitation est enregistrée\u00a0: {made.email} la recevra par e-mail. Elle est "
                f"valable jusqu’au {french_last_day(made.expires_at)}.",
            )
            return redirect(build_invitations_url(place))
    platforms = {rule.platform_id: rule.platform for rule in offers}
    context = {
        "form": form,
        "place": place,
        "offers": offers,
        "decided": [rule for rule in offers if rule.administrator_decides],
        "days": settings.INVITATION_DAYS,
        "roles": list_roles_pages(platforms.values()),
        "back": build_invitations_url(place),
        "action": build_place_url("registrations:invite", place),
        "contact": get_delegation_contact(place.department.delegation),
        "contact_url": settings.CONTACT_URL,
    }
    return render(request, "registrations/invitations/invite.html", context)


@require_POST
def resend_view(request: HttpRequest, key: str, invitation_id: UUID) -> HttpResponse:
    viewer = get_signed_in_user(request)
    place, _ = _find_invitation(viewer, key, invitation_id)
    with warn_of_refusal(request):
        sent = flows.resend_invitation(viewer, key, invitation_id, now=timezone.now())
        messages.success(
            request,
            f"L’invitation de {sent.email} est renvoyée. Elle est valable jusqu’au "
            f"{french_last_day(sent.expires_at)}.",
        )
    return redirect(build_invitations_url(place))


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_view(request: HttpRequest, key: str, invitation_id: UUID) -> HttpResponse:
    """A GET asks for confirmation."""
    viewer = get_signed_in_user(request)
    place, invitation = _find_invitation(viewer, key, invitation_id)
    if request.method != "POST":
        context = {
            "place": place,
            "invitation": invitation,
            "back": build_invitations_url(place),
        }
        return render(request, "registrations/invitations/revoke.html", context)
    with warn_of_refusal(request):
        flows.revoke_invitation(viewer, key, invitation_id, now=timezone.now())
        messages.success(request, f"L’invitation de {invitation.email} est retirée.")
    return redirect(build_invitations_url(place))


def _find_invitation(
    viewer: User, key: str, invitation_id: UUID
) -> tuple[Establishment, Invitation]:
    """404 for an invitation of another establishment, or of a platform of somebody else."""
    for place in list_administered_establishments(viewer):
        if place.key == key:
            held = select_administrator_accesses(viewer, place).order_by()
            rows = select_invitations_with_details().filter(
                pk=invitation_id, establishment=place, platform__in=held.values("platform_id")
            )
            invitation = rows.first()
            if invitation is not None:
                return place, invitation
    raise Http404


def build_invitations_url(place: Establishment) -> str:
    return build_place_url("registrations:invitations", place)
