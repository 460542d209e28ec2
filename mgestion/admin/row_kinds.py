"""The rows that have a staff page, and the links that lead there.

Each package registers its kinds in `slots.row_kinds`, each under the word that the journal uses for
it (`object_type`). Who may open a row is asked of the model's admin: its view permission, and its
queryset, which holds the agent's scope.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet, UUIDField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from mgestion import slots

GONE = "supprimé"
PEOPLE = "account"  # the kind of `Entry.person` and `Mail.person`


def _no_facts(row: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKind:
    """`keys`: the fields that a reference may hold (the journal's object, a mail's subject); the
    first one makes references. `title`: what a group of such rows is called. `facts`: what stands
    beside the name. `whole_list`: the parameters of the list that leave nothing out. `place`: the
    order of the groups of a page. `searched`: whether the header's search looks there, by `find`
    where the list's own search costs too much. `exact`: the condition for a reference typed in
    full, None for any other text.
    """

    model: type[Model]
    title: str
    keys: tuple[str, ...] = ("pk",)
    name: Callable[[Any], str] = str
    facts: Callable[[Any], str] = _no_facts
    select_related: tuple[str, ...] = ()
    order: tuple[str, ...] = ("-pk",)
    whole_list: tuple[tuple[str, str], ...] = ()
    place: int = 100
    searched: bool = False
    find: Callable[[HttpRequest, str], Q] | None = None
    exact: Callable[[str], Q | None] | None = None
    journaled: bool = True  # whether the journal has lines about such rows

    @property
    def is_named(self) -> bool:
        """Whether people know such rows by a name or a number of their own."""
        return self.searched and self.journaled and self.find is None

    @property
    def has_uuid_keys(self) -> bool:
        return isinstance(self._get_field(self.keys[0]), UUIDField)

    def get_reference(self, row: Model) -> str:
        return str(getattr(row, self.keys[0]))

    def match_references(self, references: Iterable[str]) -> Q:
        """The rows that have one of these references, by any of the keys."""
        known = list(references)
        found = Q(pk__in=())
        for key in self.keys:
            field = self._get_field(key)
            found |= Q(**{f"{key}__in": [one for one in known if _fits(field, one)]})
        return found

    def _get_field(self, key: str) -> Any:
        meta = self.model._meta
        return meta.pk if key == "pk" else meta.get_field(key)


@dataclass(frozen=True, slots=True)
class RowLink:
    """A row by its name, its page, and what is said of it. Without a `url` it is only named, or
    said to be gone.
    """

    name: str
    url: str = ""
    facts: str = ""

    def __html__(self) -> SafeString:
        if not self.url:
            return format_html("{}", self.name)
        return format_html('<a href="{}">{}</a>', self.url, self.name)


Reference = tuple[str, str]  # kind, and the value of its key


def get_admin(model: type[Model]) -> Any:
    """The admin of a model; None for one without pages."""
    return admin.site.get_model_admin(model) if admin.site.is_registered(model) else None


def select_open_rows(http: HttpRequest, model: type[Model]) -> "QuerySet[Any] | None":
    """The rows of `model` whose page this agent may open; None when no page is theirs."""
    pages = get_admin(model)
    if pages is None or not pages.has_view_permission(http):
        return None
    rows: QuerySet[Any] = pages.get_queryset(http)
    return rows


def get_row_url(row: Model) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def get_list_url(kind: RowKind, **query: str) -> str:
    meta = kind.model._meta
    asked = urlencode({**dict(kind.whole_list), **query})
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return f"{address}?{asked}" if asked else address


@cache
def get_kinds() -> dict[str, RowKind]:
    """Every kind by its word, in the order of the packages."""
    return {name: kind for kinds in slots.row_kinds.values() for name, kind in kinds.items()}


@cache
def get_kind_name(model: type[Model]) -> str:
    """The word for the rows of `model`; "" when no package registered it."""
    return next((name for name, kind in get_kinds().items() if kind.model is model), "")


def build_row_link(kind: RowKind, row: Model) -> RowLink:
    return RowLink(kind.name(row), get_row_url(row), kind.facts(row))


def find_row_links(http: HttpRequest, references: Iterable[Reference]) -> dict[Reference, RowLink]:
    """The links that this agent may follow, and « supprimé » for what is gone. One statement for
    each kind. What they may not open is left out, whether it exists or not.
    """
    asked: dict[str, set[str]] = defaultdict(set)
    for name, value in references:
        if value and name in get_kinds():
            asked[name].add(value)
    found: dict[Reference, RowLink] = {}
    for name, values in asked.items():
        kind = get_kinds()[name]
        rows = select_open_rows(http, kind.model)
        if rows is None:
            continue
        if not rows.query.has_filters():  # who sees every row knows which one is gone
            found |= {(name, value): RowLink(GONE) for value in values}
        rows = rows.filter(kind.match_references(values))
        for row in rows.select_related(*kind.select_related) if kind.select_related else rows:
            link = build_row_link(kind, row)
            for key in kind.keys:
                found[name, str(getattr(row, key))] = link
    return found


def find_uuid_link(http: HttpRequest, value: UUID) -> RowLink | None:
    """The row of whatever kind that has this key, among those that this agent may open; None
    without one. One statement for each kind until it is found.
    """
    for kind in get_kinds().values():
        rows = select_open_rows(http, kind.model) if kind.has_uuid_keys else None
        row = rows.filter(**{kind.keys[0]: value}).first() if rows is not None else None
        if row is not None:
            return build_row_link(kind, row)
    return None


def find_row(http: HttpRequest, reference: str) -> tuple[RowKind, Model] | None:
    """The row of « kind:key », if this agent may open it."""
    name, _, value = reference.partition(":")
    if not value or name not in get_kinds():
        return None
    kind = get_kinds()[name]
    rows = select_open_rows(http, kind.model)
    row = rows.filter(kind.match_references([value])).first() if rows is not None else None
    return (kind, row) if row is not None else None


def _fits(field: Any, value: str) -> bool:
    """Whether a column can hold `value` at all."""
    if "\0" in value:
        return False
    try:
        return bool(field.to_python(value) is not None and field.get_prep_value(value) is not None)
    except (ValidationError, ValueError, TypeError, OverflowError):
        return False
