"""« Mon établissement »: the pages where an Administrateur manages accounts."""

from collections.abc import Callable, Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.habilitations.accesses.models import Establishment
from accounts.people.models import User
from accounts.people.signed_in import get_signed_in_user
from accounts.people.to_do import list_to_do
from mgestion.web.message_storage import warn_of_refusal
from registrations.establishments import colleague_flows as flows
from registrations.establishments import colleagues
from registrations.establishments.colleague_flows import DEACTIVATION_REASONS
from registrations.establishments.colleagues import Colleague
from registrations.requests.activity import record_activity
from registrations.requests.contacts import get_delegation_contact


@require_safe
def users_view(request: HttpRequest) -> HttpResponse:
    """The accounts of one establishment. The number of queries does not depend on the rows."""
    viewer = get_signed_in_user(request)
    place, mine = find_administered_place(request, viewer)
    record_activity(viewer, now=timezone.now())
    page = Paginator(colleagues.select_establishment_people(place), colleagues.PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "registrations/establishments/list.html",
        {
            "place": place,
            "others": list_other_places(mine, build_list_url),
            "page": page,
            "rows": colleagues.build_colleagues(viewer, place, mine, list(page.object_list)),
            "reasons": DEACTIVATION_REASONS,
            "contact": get_delegation_contact(place.department.delegation),
            "to_do": list_to_do(viewer, timezone.now()),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def deactivate_view(request: HttpRequest, key: str, public_id: UUID) -> HttpResponse:
    """The confirmation page, for browsers without the dialog; both post here."""
    place, row = _find_colleague_row(request, key, public_id)
    if not row.may_deactivate:
        messages.warning(request, row.refusal or f"Ce compte est «\u00a0{row.badge.text}\u00a0».")
        return redirect(build_list_url(place))
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        if reason in DEACTIVATION_REASONS:
            return _deactivate_and_redirect(request, place, row, reason)
    context = {
        "place": place,
        "back": build_list_url(place),
        "row": row,
        "reasons": DEACTIVATION_REASONS,
        "missing": request.method == "POST",
    }
    return render(request, "registrations/establishments/deactivate.html", context)


@require_POST
def reactivate_view(request: HttpRequest, key: str, public_id: UUID) -> HttpResponse:
    place, row = _find_colleague_row(request, key, public_id)
    with warn_of_refusal(request):
        flows.reactivate_colleague(get_signed_in_user(request), key, public_id, now=timezone.now())
        messages.success(request, f"Le compte de {row.person} est de nouveau actif.")
    return redirect(build_list_url(place))


def _deactivate_and_redirect(
    request: HttpRequest, place: Establishment, row: Colleague, reason: str
) -> HttpResponse:
    with warn_of_refusal(request):
        whole = flows.deactivate_colleague(
            get_signed_in_user(request),
            place.key,
            row.person.public_id,
            reason=reason,
            now=timezone.now(),
        )
        said = (
            f"Le compte de {row.person} est désactivé. La personne est prévenue par e-mail\u202f; "
            "vous pouvez le réactiver pendant 15\u00a0jours calendaires."
            if whole
            else f"Les accès de {row.person} à cet établissement sont terminés. "
            "La personne est prévenue par e-mail."
        )
        messages.success(request, said)
    return redirect(build_list_url(place))


def _find_colleague_row(
    request: HttpRequest, key: str, public_id: UUID
) -> tuple[Establishment, Colleague]:
    viewer: User = get_signed_in_user(request)
    found = colleagues.find_colleague(viewer, key, public_id)
    if found is None:
        raise Http404
    place, mine, account = found
    (row,) = colleagues.build_colleagues(viewer, place, mine, [account])
    return place, row


def find_administered_place(
    request: HttpRequest, viewer: User
) -> tuple[Establishment, list[Establishment]]:
    """The establishment of the address, else the first that the viewer administers; and all."""
    mine = colleagues.list_administered_establishments(viewer)
    if not mine:
        raise Http404
    asked = request.GET.get("etablissement", "")
    return next((place for place in mine if place.key == asked), mine[0]), mine


def list_other_places(
    mine: Sequence[Establishment], build_url: Callable[[Establishment], str]
) -> list[tuple[Establishment, str]]:
    """To choose from, where there are several."""
    return [(place, build_url(place)) for place in mine] if len(mine) > 1 else []


def build_review_url(place: Establishment, **more: str) -> str:
    return build_place_url("registrations:users_review", place, **more)


def build_list_url(place: Establishment) -> str:
    return build_place_url("registrations:users", place)


def build_place_url(name: str, place: Establishment, **more: str) -> str:
    return f"{reverse(name)}?{urlencode({'etablissement': place.key, **more})}"
