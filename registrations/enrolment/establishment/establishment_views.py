"""The search of an establishment: a page that works without JavaScript, and the same answer for the
script of the form. Both are POST: a search counts, and what is typed enters no address.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.people.signed_in import get_signed_in_user
from mgestion.web.kept_typing import kept_data, say_again
from registrations.directory.search_flows import SearchState, search_companies
from registrations.enrolment.establishment.establishment_search import (
    BACK,
    CHOOSE,
    REPLACE,
    EstablishmentSearchForm,
    build_company_rows,
    find_form_page,
    list_carried,
)

_BUTTONS = {"choose": CHOOSE, "replace": REPLACE, "back": BACK}


@require_http_methods(["GET", "HEAD", "POST"])
def establishment_search_view(request: HttpRequest) -> HttpResponse:
    """`verifier` searches the SIRET of the form, `siren` the establishments of a company,
    `chercher` what is typed on this page.
    """
    user, now = get_signed_in_user(request), timezone.now()
    posted: QueryDict = request.POST
    kept = kept_data(request) if request.method != "POST" else None
    if kept is not None:
        say_again(request)
        posted = kept
    page = find_form_page(posted.get("form_address", ""), user)
    carried = list_carried(posted)
    typed = _read_typed(posted)
    form = EstablishmentSearchForm(typed)
    answer, rows = None, []
    if request.method == "POST" and {"verifier", "siren", "chercher"} & set(posted):
        answer = search_companies(
            typed["recherche"],
            typed["recherche_departement"],
            person=str(user.public_id),
            now=now,
        )
        rows = build_company_rows(answer, page, dict(carried), now)
        if answer.state == SearchState.INVALID:
            form.add_error("recherche", answer.message)
            answer = None
    return render(
        request,
        "registrations/enrolment/establishment_search.html",
        {
            "form": form,
            "form_page": page,
            "carried": carried,
            "answer": answer,
            "rows": rows,
            "buttons": _BUTTONS,
        },
    )


@require_POST
def establishment_answer_view(request: HttpRequest) -> HttpResponse:
    """The answer as the form shows it: `{"html": …}`."""
    user, posted, now = get_signed_in_user(request), request.POST, timezone.now()
    page = find_form_page(posted.get("form_address", ""), user)
    answer = search_companies(
        posted.get("recherche", ""),
        posted.get("recherche_departement", ""),
        person=str(user.public_id),
        now=now,
    )
    context = {
        "answer": answer,
        "rows": build_company_rows(answer, page, dict(list_carried(posted)), now),
        "form_page": page,
        "buttons": _BUTTONS,
    }
    html = render_to_string("registrations/enrolment/establishment_answer.html", context, request)
    return JsonResponse({"html": html})


def _read_typed(posted: QueryDict) -> dict[str, str]:
    """What is searched, from this page or from the form."""
    if "verifier" in posted:
        return {"recherche": posted.get("siret", ""), "recherche_departement": ""}
    if "siren" in posted:
        return {"recherche": posted.get("siren", ""), "recherche_departement": ""}
    if "par_nom" in posted:
        return {
            "recherche": posted.get("company_name", ""),
            "recherche_departement": posted.get("department", ""),
        }
    return {
        "recherche": posted.get("recherche", ""),
        "recherche_departement": posted.get("recherche_departement", ""),
    }
