"""« Mes accès »: what the person holds, and the two ways to give it up."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.habilitations.accesses.models import Access
from accounts.people.signed_in import get_signed_in_user
from accounts.people.to_do import list_to_do
from mgestion.web.message_storage import warn_of_refusal
from registrations.accesses import leave_flows
from registrations.accesses.later_role_flows import exists_later_role
from registrations.accesses.my_accesses import (
    HeldEstablishment,
    find_held_access_row,
    find_held_establishment,
    group_by_establishment,
    leaves_no_administrator,
    select_held_accesses,
    select_withdrawn_requests,
)
from registrations.requests.contacts import get_delegation_contact


@require_safe
def my_accesses_view(request: HttpRequest) -> HttpResponse:
    """Every open or suspended access, by establishment. One query, whatever their number, and those
    of « À vous de répondre »."""
    user = get_signed_in_user(request)
    mine = select_held_accesses(user)
    held = group_by_establishment(mine.annotate(later_role=exists_later_role()))
    context = {"held": held, "to_do": list_to_do(user, timezone.now())}
    return render(request, "registrations/accesses/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def leave_platform_view(request: HttpRequest, access_id: UUID) -> HttpResponse:
    """What is lost and what stays; the POST ends the access."""
    user = get_signed_in_user(request)
    access = find_held_access_row(user, access_id)
    if access is None:
        return _say_left_already(request, Access.objects.filter(user=user, public_id=access_id))
    if request.method == "POST":
        with warn_of_refusal(request):
            leave_flows.leave_platform(user, access_id, now=timezone.now())
            messages.success(
                request,
                f"Vous avez quitté {access.platform} pour {access.establishment.name}. Un e-mail "
                "vous le confirme.",
            )
        return redirect("registrations:my_accesses")
    return _render_leaving(request, HeldEstablishment(access.establishment, (access,)), access)


@require_http_methods(["GET", "HEAD", "POST"])
def leave_establishment_view(request: HttpRequest, key: str) -> HttpResponse:
    """The same for all accesses to one establishment."""
    user = get_signed_in_user(request)
    held = find_held_establishment(user, key)
    if held is None:
        siret, _, kind = key.partition("-")
        place = {"establishment__siret": siret, "establishment__kind": kind}
        return _say_left_already(request, Access.objects.filter(user=user, **place))
    if request.method == "POST":
        with warn_of_refusal(request):
            leave_flows.leave_establishment(user, key, now=timezone.now())
            messages.success(
                request, f"Vous avez quitté {held.place.name}. Un e-mail vous le confirme."
            )
        return redirect("registrations:my_accesses")
    return _render_leaving(request, held, None)


def _say_left_already(request: HttpRequest, once_held: QuerySet[Access]) -> HttpResponse:
    """The confirmation was sent twice, or the access ended meanwhile; else nothing is there."""
    if not once_held.exists():
        raise Http404
    messages.warning(request, "Cet accès est déjà terminé\u00a0: il n’y a plus rien à quitter.")
    return redirect("registrations:my_accesses")


def _render_leaving(
    request: HttpRequest, held: HeldEstablishment, access: Access | None
) -> HttpResponse:
    context = {
        "held": held,
        "access": access,
        "withdrawn": select_withdrawn_requests(
            get_signed_in_user(request), held.accesses, everywhere=access is None
        ),
        "orphans": leaves_no_administrator(held.accesses),
        "contact": get_delegation_contact(held.place.department.delegation),
    }
    return render(request, "registrations/accesses/leave.html", context)
