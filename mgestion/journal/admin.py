"""The read-only admin pages of the journal."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.html import format_html

from mgestion.admin.row_kinds import PEOPLE, Reference, RowLink, find_row_links, get_kinds
from mgestion.admin.titles import NOTHING, DateFilter, RecordAdmin
from mgestion.journal import naming, words
from mgestion.journal.export import export_journal_view
from mgestion.journal.models import Entry
from mgestion.journal.naming import AUTHOR_KINDS
from mgestion.journal.search import match_entries


class ActFamilyFilter(admin.SimpleListFilter):
    """By family, the word before the dot: there are too many acts for one list."""

    title = "domaine"
    parameter_name = "domaine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted(words.get_family_labels().items(), key=lambda family: family[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(act__startswith=f"{self.value()}.") if self.value() else queryset


class ActFilter(admin.SimpleListFilter):
    """One act of the chosen family."""

    title = "acte"
    parameter_name = "acte"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        family = request.GET.get(ActFamilyFilter.parameter_name, "")
        chosen = request.GET.get(self.parameter_name, "")
        return [
            (act, label)
            for act, label in words.get_act_labels().items()
            if act == chosen or (family and act.startswith(f"{family}."))
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(act=self.value()) if self.value() else queryset


class AuthorKindFilter(admin.SimpleListFilter):
    title = "auteur"
    parameter_name = "auteur"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(AUTHOR_KINDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(actor_kind=self.value()) if self.value() else queryset


@admin.register(Entry)
class EntryAdmin(RecordAdmin):
    counted = ("ligne", "lignes")
    list_display = (
        "at",
        "act_label",
        "author",
        "about",
        "object_label",
        "reason_label",
    )
    list_filter = (ActFamilyFilter, ActFilter, AuthorKindFilter, ("at", DateFilter))
    change_list_template = "admin/journal/entry/change_list.html"
    search_fields = ("act",)  # shows the box; what it looks for is `match_entries`
    search_help_text = (
        "Référence d’une demande, SIRET, nom ou adresse e-mail\u00a0: lignes des comptes, demandes "
        "et accès trouvés, les 200 plus récents de chaque liste. Ou, exactement, un identifiant, "
        "un code d’acte ou un numéro de requête."
    )
    show_full_result_count = False
    list_per_page = 50
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "at",
                    "act_label",
                    "author",
                    "about",
                    "object_label",
                    "reason_label",
                    "detail_text",
                )
            },
        ),
        (
            "Codes et identifiants, pour chercher",
            {
                "fields": (
                    "act_code",
                    "reason_code",
                    "actor_id",
                    "person_id",
                    "object_ref",
                    "request_ref",
                )
            },
        ),
    )
    readonly_fields = (
        "act_label",
        "author",
        "about",
        "object_label",
        "object_ref",
        "reason_label",
        "reason_code",
        "actor_id",
        "detail_text",
        "act_code",
        "person_id",
        "request_ref",
    )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Finds the names of people and reasons, and the links, for the whole page at once."""
        page = super().get_changelist_instance(request)
        page.result_list = _attach_names(request, list(page.result_list))
        return page

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        line = super().get_object(request, object_id, from_field)
        return line and _attach_names(request, [line])[0]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(match_entries(request, search_term)), False

    def get_urls(self) -> list[URLPattern]:
        exported = path(
            "exporter/",
            self.admin_site.admin_view(partial(export_journal_view, self)),
            name="journal_entry_export",
        )
        return [exported, *super().get_urls()]

    @admin.display(description="ce qui s’est passé", ordering="act")
    def act_label(self, entry: Entry) -> str:
        return words.get_act_label(entry.act)

    @admin.display(description="objet", ordering="object_type")
    def object_label(self, entry: Entry) -> str:
        """What it is, and its name as a link; « supprimé » once it is gone. What has no page at all
        has its code: a job, a key.
        """
        label = words.get_object_label(entry.object_type)
        if entry.object_type not in get_kinds():
            return f"{label} {entry.object_id}".strip()
        link = _get_links(entry).get((entry.object_type, entry.object_id))
        return format_html("{} {}", label, link) if link else label

    @admin.display(description="identifiant de l’objet", ordering="object_id")
    def object_ref(self, entry: Entry) -> str:
        return entry.object_id

    @admin.display(description="motif", ordering="reason")
    def reason_label(self, entry: Entry) -> str:
        return _get_entry_names(entry).reason(entry)

    @admin.display(description="code de l’acte")
    def act_code(self, entry: Entry) -> str:
        return entry.act

    @admin.display(description="identifiant de la personne")
    def person_id(self, entry: Entry) -> str:
        return str(entry.person or "")

    @admin.display(description="numéro de requête")
    def request_ref(self, entry: Entry) -> str:
        return entry.request_id

    @admin.display(description="code du motif")
    def reason_code(self, entry: Entry) -> str:
        return entry.reason

    @admin.display(description="auteur")
    def author(self, entry: Entry) -> str:
        return _get_entry_names(entry).author(entry)

    @admin.display(description="identifiant de l’auteur")
    def actor_id(self, entry: Entry) -> str:
        return entry.actor

    @admin.display(description="personne concernée", ordering="person")
    def about(self, entry: Entry) -> str:
        name = _get_entry_names(entry).person(entry.person)
        link = _get_links(entry).get((PEOPLE, str(entry.person)))
        return format_html('<a href="{}">{}</a>', link.url, name) if link and link.url else name

    @admin.display(description="détail (effacé avec la personne)")
    def detail_text(self, entry: Entry) -> str:
        detail = getattr(entry, "detail", None)
        return "\n".join(words.format_detail(detail.data)) if detail else NOTHING


def _attach_names(http: HttpRequest, lines: list[Any]) -> list[Any]:
    """The lines, each with the names and the links found for all of them."""
    found = naming.find_entry_names(lines)
    references = [(PEOPLE, str(line.person)) for line in lines if line.person]
    references += [(line.object_type, line.object_id) for line in lines]
    links = find_row_links(http, references)
    for line in lines:
        line.naming, line.links = found, links
    return lines


def _get_links(entry: Entry) -> dict[Reference, RowLink]:
    return getattr(entry, "links", {})


def _get_entry_names(entry: Entry) -> naming.EntryNames:
    """The names found for the whole list, or for this entry alone; cached on the entry."""
    if not hasattr(entry, "naming"):
        entry.naming = naming.find_entry_names([entry])  # type: ignore[attr-defined]
    found: naming.EntryNames = entry.naming  # type: ignore[attr-defined]
    return found
