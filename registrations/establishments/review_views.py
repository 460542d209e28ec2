"""« Vérifier les accès »: the page that answers an establishment's access review."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.habilitations.accesses.models import Establishment
from accounts.people.models import User
from accounts.people.signed_in import get_signed_in_user
from mgestion.web.message_storage import warn_of_refusal
from registrations.establishments import access_reviews, colleagues
from registrations.establishments import review_flows as flows
from registrations.establishments.access_reviews import ReviewLine
from registrations.establishments.models import AccessReview
from registrations.establishments.review_forms import ReviewForm
from registrations.establishments.views import build_list_url, build_review_url, list_other_places
from registrations.requests.activity import record_activity
from registrations.requests.contacts import get_delegation_contact
from registrations.requests.enums import ReviewChoice


@require_http_methods(["GET", "HEAD", "POST"])
def review_view(request: HttpRequest) -> HttpResponse:
    """Show and answer the review of one establishment. Answers may be saved in several steps."""
    viewer = get_signed_in_user(request)
    mine = colleagues.list_administered_establishments(viewer)
    if not mine:
        raise Http404
    open_now = access_reviews.get_open_reviews(mine)
    place = _choose_establishment(request, mine, open_now)
    found = open_now.get(place.pk) or access_reviews.find_current_review(place)
    if request.method == "POST":
        return _handle_answers(request, viewer, mine, place, found)
    record_activity(viewer, now=timezone.now())
    page = Paginator(colleagues.select_establishment_people(place), colleagues.PER_PAGE).get_page(
        request.GET.get("page")
    )
    rows = colleagues.build_colleagues(viewer, place, mine, list(page.object_list))
    lines = access_reviews.build_review_lines(found, rows) if found else []
    form = ReviewForm(lines=[line for line in lines if line.asked])
    others = [
        (place, url)
        for place, url in list_other_places(mine, build_review_url)
        if place.pk in open_now
    ]
    return _render_review(request, viewer, place, found, lines, form, page=page, others=others)


def _choose_establishment(
    request: HttpRequest, mine: list[Establishment], open_now: dict[int, AccessReview]
) -> Establishment:
    """The establishment of the URL, else the first with an open review, else the first."""
    asked = request.GET.get("etablissement", "")
    named = next((place for place in mine if place.key == asked), None)
    if named is None and request.method == "POST":
        raise Http404  # the viewer does not administer this establishment, or no longer
    waiting = next((place for place in mine if place.pk in open_now), mine[0])
    return named or waiting


def _handle_answers(
    request: HttpRequest,
    viewer: User,
    mine: list[Establishment],
    place: Establishment,
    found: AccessReview | None,
) -> HttpResponse:
    if found is None or found.closed_at is not None:
        messages.warning(request, "Cette vérification est terminée\u00a0: rien n’a été changé.")
        return redirect(build_review_url(place))
    shown = colleagues.select_establishment_people(place).filter(
        public_id__in=_read_shown_accounts(request.POST)
    )
    rows = colleagues.build_colleagues(viewer, place, mine, list(shown[: colleagues.PER_PAGE]))
    lines = access_reviews.build_review_lines(found, rows)
    # An account answered meanwhile keeps its fields: `answer_review` refuses and says so.
    form = ReviewForm(request.POST, lines=[line for line in lines if line.asked or line.said])
    if not form.is_valid():
        return _render_review(request, viewer, place, found, lines, form)
    gone = [line.row for line in form.lines if form.chosen(line) == ReviewChoice.GONE]
    if gone and request.POST.get("confirmed") != "oui":
        return _render_review(request, viewer, place, found, lines, form, gone=gone)
    _save_answers(request, viewer, found, form)
    return redirect(build_review_url(place))


def _read_shown_accounts(posted: QueryDict) -> list[UUID]:
    found = []
    for value in posted.getlist("shown")[: colleagues.PER_PAGE]:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _save_answers(
    request: HttpRequest, viewer: User, found: AccessReview, form: ReviewForm
) -> None:
    """Save each answer in its own transaction, so that a refused one does not undo the others."""
    now, saved = timezone.now(), 0
    for line in form.lines:
        choice = form.chosen(line)
        if not choice:
            continue
        access_id, role = form.role_of(line)
        with warn_of_refusal(request):
            flows.answer_review(
                viewer,
                found.pk,
                line.row.person.public_id,
                choice=choice,
                access_id=access_id,
                role=role,
                now=now,
            )
            saved += 1
    if saved:
        plural = "s" if saved > 1 else ""
        messages.success(request, f"{saved} réponse{plural} enregistrée{plural}.")


def _render_review(
    request: HttpRequest,
    viewer: User,
    place: Establishment,
    found: AccessReview | None,
    lines: list[ReviewLine],
    form: ReviewForm,
    **more: Any,
) -> HttpResponse:
    fields = {line.row.person.pk: (choice, role) for line, choice, role in form.rows()}
    left = (
        access_reviews.select_pending_accounts(found).exclude(pk=viewer.pk).count() if found else 0
    )
    context = {
        "place": place,
        "review": found,
        "is_open": found is not None and found.closed_at is None,
        "last_day": access_reviews.format_last_day(found) if found else "",
        "left": left,
        "rows": [(line, *fields.get(line.row.person.pk, (None, None))) for line in lines],
        "form": form,
        "action": request.get_full_path()
        if request.method == "POST"
        else _build_form_url(request, place),
        "back": build_list_url(place),
        "contact": get_delegation_contact(place.department.delegation),
        **more,
    }
    return render(request, "registrations/establishments/review.html", context)


def _build_form_url(request: HttpRequest, place: Establishment) -> str:
    """The URL of the form, always with the establishment."""
    page = request.GET.get("page", "")
    return build_review_url(place, page=page) if page.isdigit() else build_review_url(place)
