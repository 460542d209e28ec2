"""Rows that belong together: the section « Liens » of a staff page, and the lists that it opens.

Each package registers its relations in `slots.related_rows`. One relation gives the first rows on
the page of a row, their number, and the filter of the list behind « Tout voir ».
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from mgestion import slots
from mgestion.admin import row_kinds
from mgestion.admin.row_kinds import RowKind, RowLink

SHOWN: Final = 5
COUNTED: Final = 999  # « plus de 999 »: nobody needs to know more
PARAMETER: Final = "lie"
ANY: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedRows:
    """On the page of a row of kind `of`: the rows of `kind` for which `where(row)` holds. One
    relation at most between two kinds.
    """

    of: str  # ANY: of every kind that the journal knows
    kind: str
    where: Callable[[Any], Q]
    title: str = ""  # else the kind's


@dataclass(frozen=True, slots=True)
class RelatedGroup:
    title: str
    rows: list[RowLink]
    count: int
    more: bool  # whether there are more than were counted
    url: str  # of the whole list

    @property
    def is_whole(self) -> bool:
        return self.count == len(self.rows)


def list_relations(of: str) -> list[RelatedRows]:
    """The relations of a kind, in the order of the kinds that they lead to."""
    any_too = row_kinds.get_kinds()[of].journaled
    every = (one for relations in slots.related_rows.values() for one in relations)
    found = [one for one in every if one.of == of or (any_too and one.of == ANY)]
    return sorted(found, key=lambda one: row_kinds.get_kinds()[one.kind].place)


def list_related_groups(http: HttpRequest, row: Model) -> list[RelatedGroup]:
    """What belongs to `row`, within what this agent may open. Two statements a group at most."""
    name = row_kinds.get_kind_name(type(row))
    if not name:
        return []
    reference = f"{name}:{row_kinds.get_kinds()[name].get_reference(row)}"
    groups = []
    for relation in list_relations(name):
        kind = row_kinds.get_kinds()[relation.kind]
        rows = row_kinds.select_open_rows(http, kind.model)
        if rows is not None:
            url = row_kinds.get_list_url(kind, **{PARAMETER: reference})
            title = relation.title or kind.title
            groups.append(_build_group(kind, rows.filter(relation.where(row)), title, url))
    return groups


def _build_group(kind: RowKind, rows: "QuerySet[Any]", title: str, url: str) -> RelatedGroup:
    """The first rows and their number. One statement when they are few, else two."""
    ordered = rows.order_by(*kind.order)
    if kind.select_related:
        ordered = ordered.select_related(*kind.select_related)
    first = list(ordered[: SHOWN + 1])
    count = len(first)
    if count > SHOWN:
        count = rows.order_by().values("pk")[: COUNTED + 1].count()
    links = [row_kinds.build_row_link(kind, row) for row in first[:SHOWN]]
    return RelatedGroup(title, links, min(count, COUNTED), count > COUNTED, url)


class RelatedFilter(admin.SimpleListFilter):
    """« ?lie=account:… »: what belongs to one row, as the section « Liens » of its page says."""

    title = "lien"
    parameter_name = PARAMETER

    def __init__(self, http: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self.condition: Q | None = None
        super().__init__(http, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        reference = self.value()
        if not reference:
            return []
        self.condition = Q(pk__in=())
        found = row_kinds.find_row(request, reference)
        if found is None:
            return [(reference, "une ligne introuvable")]
        kind, row = found
        for relation in list_relations(reference.partition(":")[0]):
            if row_kinds.get_kinds()[relation.kind].model is model_admin.model:
                self.condition = relation.where(row)
        label = str(row._meta.verbose_name)
        return [(reference, f"{label}\u00a0: {kind.name(row)}")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset if self.condition is None else queryset.filter(self.condition)


def is_related_list(model: type[Model]) -> bool:
    """Whether a relation leads to the list of this model."""
    every = (one for relations in slots.related_rows.values() for one in relations)
    return any(row_kinds.get_kinds()[one.kind].model is model for one in every)
