"""The journal as a file for a French spreadsheet: what the filters of the page show."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from mgestion.journal import words
from mgestion.journal.actors import Actor
from mgestion.journal.acts import JournalUpkeepAct
from mgestion.journal.flows import write_journal_entry
from mgestion.journal.models import Entry
from mgestion.journal.naming import find_entry_names
from mgestion.text.spreadsheet import write_csv_lines
from mgestion.web.links import read_carried_query

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

CHUNK: Final = 1000
MOST: Final = 100_000  # lines of one file
COLUMNS: Final = (
    "Le (heure de Paris)",
    "Ce qui s’est passé",
    "Code de l’acte",
    "Auteur",
    "Identifiant de l’auteur",
    "Personne concernée",
    "Identifiant de la personne",
    "Objet",
    "Identifiant de l’objet",
    "Motif",
    "Numéro de requête",
)


def export_journal_view(pages: "ModelAdmin[Entry]", http: HttpRequest) -> HttpResponseBase:
    """POST only: it is an act of the journal itself, and a link must not do it. `filters` is the
    address of the page. Details are left out: they are erased with the person, a file is not.
    """
    if not pages.has_view_permission(http):
        raise PermissionDenied
    if http.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    chosen = read_carried_query(http.POST.get("filters", ""))
    address = reverse("admin:journal_entry_changelist")
    try:
        rows = _select_listed_entries(pages, http, chosen)
    except IncorrectLookupParameters:
        return HttpResponseRedirect(address)
    count = rows.order_by().values("pk")[: MOST + 1].count()
    if count > MOST:
        messages.error(
            http,
            "Plus de 100\u202f000 lignes\u00a0: rien n’est exporté. Choisissez un domaine, un acte "
            "ou une date, puis recommencez.",
        )
        return HttpResponseRedirect(f"{address}?{chosen.urlencode()}")
    now = timezone.now()
    told = {name: str(value) for name, value in chosen.items() if name != SEARCH_VAR}
    if chosen.get(SEARCH_VAR):
        told["recherche"] = "oui"  # it may be somebody's name
    last = rows.order_by("-pk").values_list("pk", flat=True).first()
    write_journal_entry(
        JournalUpkeepAct.JOURNAL_EXPORTED,
        actor=Actor.staff(http.user),  # type: ignore[arg-type]  # never anonymous
        object_type="journal",
        reason="csv",
        detail={"filters": told, "entries": count},
        now=now,
    )
    return StreamingHttpResponse(
        write_csv_lines(COLUMNS, _iterate_cells(rows, last)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": "attachment; "
            f'filename="journal-{timezone.localtime(now):%Y-%m-%d-%Hh%M}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _select_listed_entries(
    pages: "ModelAdmin[Entry]", http: HttpRequest, chosen: QueryDict
) -> "QuerySet[Entry]":
    """The rows that the page shows at this address, all of them: one reading of the filters."""
    http.GET = chosen  # type: ignore[assignment]  # immutable as well, by its class
    listed: QuerySet[Entry] = pages.get_changelist_instance(http).queryset
    return listed


def _iterate_cells(rows: "QuerySet[Entry]", last: int | None) -> Iterator[tuple[Any, ...]]:
    """The newest first, by their keys: each chunk is one range of an index. `last`: the newest one
    when the export began.
    """
    lines = list(rows.filter(pk__lte=last).order_by("-pk")[:CHUNK]) if last else []
    while lines:
        names = find_entry_names(lines)
        for line in lines:
            yield (
                f"{timezone.localtime(line.at):%d/%m/%Y %H:%M:%S}",
                words.get_act_label(line.act),
                line.act,
                names.author(line),
                line.actor,
                names.person(line.person),
                line.person or "",
                words.get_object_label(line.object_type),
                line.object_id,
                names.reason(line),
                line.request_id,
            )
        lines = list(rows.filter(pk__lt=lines[-1].pk).order_by("-pk")[:CHUNK])
