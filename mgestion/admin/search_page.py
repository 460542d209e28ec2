"""The search box of the staff pages: one text, sought in every list that this agent may open."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from mgestion.admin import row_kinds
from mgestion.admin.related_rows import COUNTED, RelatedGroup
from mgestion.admin.row_kinds import RowKind

LONGEST: Final = 200  # characters
SHOWN: Final = 10  # rows of a group
MOST_REFERENCES: Final = 200  # of one kind


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    groups: list[RelatedGroup]
    empty: list[str]  # titles of the lists that were searched in vain


@require_safe
def search_view(http: HttpRequest) -> HttpResponse:
    """Lists what is found, or opens the only row whose reference or SIRET was typed in full."""
    typed = http.GET.get(SEARCH_VAR, "")
    text = " ".join(typed.split())
    too_long = len(text) > LONGEST
    context: dict[str, Any] = {
        **admin.site.each_context(http),
        "title": "Recherche",
        "sought": "" if too_long else text,
        "too_long": too_long,
    }
    if text and not too_long:
        only = find_exact_row(http, text)
        if only:
            return HttpResponseRedirect(only)
        context["answer"] = search_lists(http, text)
    return TemplateResponse(http, "admin/search.html", context)


def find_exact_row(http: HttpRequest, text: str) -> str | None:
    """The page of the only row that has exactly this reference, None when several have it, or
    none. The other way round than the groups: an establishment before the requests for its SIRET.
    """
    for kind in reversed(list_searched_kinds()):
        rows = row_kinds.select_open_rows(http, kind.model) if kind.exact else None
        condition = kind.exact(text) if kind.exact else None
        if rows is None or condition is None:
            continue
        found = list(rows.filter(condition)[:2])
        if found:
            return row_kinds.get_row_url(found[0]) if len(found) == 1 else None
    return None


def search_lists(http: HttpRequest, text: str) -> SearchAnswer:
    """Each list's own search, so that « Tout voir » shows the same. Two statements a list."""
    groups = []
    for kind in list_searched_kinds():
        rows = row_kinds.select_open_rows(http, kind.model)
        if rows is None:
            continue
        keys = find_keys(http, kind, text)
        url = row_kinds.get_list_url(kind, **{SEARCH_VAR: text})
        found = rows.filter(pk__in=keys).order_by(*kind.order)
        if kind.select_related:
            found = found.select_related(*kind.select_related)
        links = [row_kinds.build_row_link(kind, row) for row in found[:SHOWN]] if keys else []
        more = len(keys) > COUNTED
        groups.append(RelatedGroup(kind.title, links, min(len(keys), COUNTED), more, url))
    return SearchAnswer(
        [group for group in groups if group.count],
        [group.title for group in groups if not group.count],
    )


def find_references(http: HttpRequest, text: str) -> dict[str, list[str]]:
    """The references of the newest rows that each list finds for `text`, by kind: for lists that
    know rows by their reference only.
    """
    found = {}
    for name, kind in row_kinds.get_kinds().items():
        rows = row_kinds.select_open_rows(http, kind.model) if kind.is_named else None
        keys = find_keys(http, kind, text) if rows is not None else []
        if rows is not None and keys:
            newest = rows.filter(pk__in=keys).order_by(*kind.order)
            references = newest.values_list(kind.keys[0], flat=True)[:MOST_REFERENCES]
            found[name] = [str(reference) for reference in references]
    return found


def find_keys(http: HttpRequest, kind: RowKind, text: str) -> list[Any]:
    """The keys of rows that the list finds, as many as are counted, in no order: with one, the
    database would look at every bearer of a common name. Kept on the request.
    """
    known: dict[tuple[str, str], list[Any]] = http.__dict__.setdefault("_found_keys", {})
    asked = (kind.title, text)
    if asked not in known:
        rows = row_kinds.select_open_rows(http, kind.model)
        if rows is None:
            known[asked] = []
        else:
            found = _find_rows_by_text(http, kind, rows, text).order_by()
            known[asked] = list(found.values_list("pk", flat=True)[: COUNTED + 1])
    return known[asked]


def _find_rows_by_text(http: HttpRequest, kind: RowKind, rows: Any, text: str) -> Any:
    if kind.find is not None:
        return rows.filter(kind.find(http, text))
    found, repeated = row_kinds.get_admin(kind.model).get_search_results(http, rows, text)
    return found.distinct() if repeated else found


def list_searched_kinds() -> list[RowKind]:
    kinds = [kind for kind in row_kinds.get_kinds().values() if kind.searched]
    return sorted(kinds, key=lambda kind: kind.place)
