"""What people hold: platforms, service addresses, establishments, accesses. Verbs write them; here
they are read.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.habilitations.admin.base import ReadOnlyAdmin
from accounts.habilitations.models import Access, Establishment, Platform, ServiceRule
from accounts.habilitations.permissions import staff_of
from accounts.habilitations.querysets import establishments_in_scope


@admin.register(Platform)
class PlatformAdmin(ReadOnlyAdmin):
    list_display = ("name", "code", "home_url", "counts_for_inactivity", "enabled")
    list_filter = ("enabled", "counts_for_inactivity")
    search_fields = ("name", "code")


@admin.register(ServiceRule)
class ServiceRuleAdmin(ReadOnlyAdmin):
    list_display = ("platform", "origin", "path")
    list_display_links = ("origin",)
    list_filter = ("platform",)
    list_select_related = ("platform",)
    search_fields = ("origin", "path")


@admin.register(Establishment)
class EstablishmentAdmin(ReadOnlyAdmin):
    """A reviewer reads those of his scope only, by id too: the queryset is what every view starts
    from.
    """

    list_display = ("name", "siret", "kind", "department", "branch", "created_at")
    list_filter = ("kind", "branch", "department__delegation")
    list_select_related = ("department", "branch")
    search_fields = ("siret__startswith", "name")
    search_help_text = "Début du SIRET ou raison sociale"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(establishments_in_scope(staff_of(request.user)))


@admin.register(Access)
class AccessAdmin(ReadOnlyAdmin):
    list_display = ("user", "platform", "role", "establishment", "granted_at", "ended_at")
    list_filter = ("platform", "role", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("user", "platform", "establishment")
    search_fields = ("user__email_key", "user__last_name", "establishment__siret__startswith")
    search_help_text = "Adresse e-mail, nom ou début du SIRET"
    ordering = ("-granted_at",)
    fields = (
        "user",
        "platform",
        "establishment",
        "role",
        "dashboard",
        "granted_at",
        "grant_reason",
        "ended_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rule = establishments_in_scope(staff_of(request.user), "establishment__")
        return super().get_queryset(request).filter(rule)
