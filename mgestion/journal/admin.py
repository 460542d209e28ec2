"""The journal, to read. The auditor's screen."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from mgestion.admin_titles import Titled
from mgestion.journal.acts import detail_lines, label, labels, object_label, reason_label
from mgestion.journal.models import Entry

AUTHORS = {
    "person": "personne",
    "staff": "agent",
    "system": "portail",
    "platform": "plateforme",
    "anonymous": "visiteur",
}


class ActFamily(admin.SimpleListFilter):
    """By the object's word before the dot: the acts themselves are too many for a list."""

    title = "domaine"
    parameter_name = "domaine"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        families = [(word, label) for word, label in labels().items() if "." not in word]
        return sorted(families, key=lambda family: family[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(act__startswith=f"{self.value()}.") if self.value() else queryset


class OneAct(admin.SimpleListFilter):
    """One act of the chosen family."""

    title = "acte"
    parameter_name = "acte"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        family = request.GET.get(ActFamily.parameter_name, "")
        chosen = request.GET.get(self.parameter_name, "")
        return [
            (act, label)
            for act, label in labels().items()
            if act == chosen or (family and act.startswith(f"{family}."))
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(act=self.value()) if self.value() else queryset


class AuthorKind(admin.SimpleListFilter):
    title = "auteur"
    parameter_name = "auteur"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        return list(AUTHORS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(actor_kind=self.value()) if self.value() else queryset


@admin.register(Entry)
class EntryAdmin(Titled):
    list_display = ("at", "act_label", "author", "object_label", "object_id", "reason_label")
    list_filter = (ActFamily, OneAct, AuthorKind, "at")
    search_fields = ("=object_id", "=person", "=actor", "=request_id", "=act")
    search_help_text = "Objet, personne, auteur (identifiants), acte ou numéro de requête, exacts."
    show_full_result_count = False
    list_per_page = 50
    fields = (
        "at",
        "act_label",
        "act",
        "actor_kind",
        "actor",
        "object_label",
        "object_id",
        "person",
        "reason_label",
        "reason",
        "request_id",
        "detail_text",
    )
    readonly_fields = ("act_label", "object_label", "reason_label", "detail_text")

    @admin.display(description="ce qui s’est passé", ordering="act")
    def act_label(self, entry: Entry) -> str:
        return label(entry.act)

    @admin.display(description="objet", ordering="object_type")
    def object_label(self, entry: Entry) -> str:
        return object_label(entry.object_type)

    @admin.display(description="motif", ordering="reason")
    def reason_label(self, entry: Entry) -> str:
        return reason_label(entry.act, entry.reason)

    @admin.display(description="auteur")
    def author(self, entry: Entry) -> str:
        return f"{AUTHORS.get(entry.actor_kind, entry.actor_kind)} {entry.actor}".strip()

    @admin.display(description="détail (effacé avec la personne)")
    def detail_text(self, entry: Entry) -> str:
        detail = getattr(entry, "detail", None)
        return "\n".join(detail_lines(detail.data)) if detail else "—"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False
