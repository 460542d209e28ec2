"""The journal, to read. The auditor's screen."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from mgestion.admin_titles import Titled
from mgestion.journal.models import Entry


class ActFamily(admin.SimpleListFilter):
    """By the object's word before the dot: the acts themselves are too many for a list."""

    title = "domaine"
    parameter_name = "domaine"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        acts = Entry.objects.order_by().values_list("act", flat=True).distinct()
        return [(family, family) for family in sorted({act.partition(".")[0] for act in acts})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(act__startswith=f"{self.value()}.") if self.value() else queryset


@admin.register(Entry)
class EntryAdmin(Titled):
    list_display = ("at", "act", "actor_kind", "actor", "object_type", "object_id", "reason")
    list_filter = (ActFamily, "actor_kind", "object_type", "at")
    search_fields = ("=object_id", "=person", "=actor", "=request_id", "=act")
    search_help_text = "Objet, personne, auteur (identifiants), acte ou numéro de requête, exacts."
    show_full_result_count = False
    list_per_page = 50
    fields = (
        "at",
        "act",
        "actor_kind",
        "actor",
        "object_type",
        "object_id",
        "person",
        "reason",
        "request_id",
        "detail_text",
    )
    readonly_fields = ("detail_text",)

    @admin.display(description="détail (effacé avec la personne)")
    def detail_text(self, entry: Entry) -> str:
        detail = getattr(entry, "detail", None)
        return json.dumps(detail.data, ensure_ascii=False, indent=1) if detail else "—"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False
