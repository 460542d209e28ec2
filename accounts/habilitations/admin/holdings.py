"""Establishments: verbs write them; here they are read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.habilitations.admin.base import ReadOnlyAdmin
from accounts.habilitations.admin.orphans import WithoutAdministrator
from accounts.habilitations.models import Establishment
from accounts.habilitations.permissions import staff_of
from accounts.habilitations.querysets import establishments_in_scope


@admin.register(Establishment)
class EstablishmentAdmin(ReadOnlyAdmin):
    """A reviewer reads those of his scope only, by id too: the queryset is what every view starts
    from.
    """

    list_display = ("name", "siret", "kind", "department", "branch", "created_at")
    list_filter = (WithoutAdministrator, "kind", "branch", "department__delegation")
    list_select_related = ("department", "branch")
    search_fields = ("siret__startswith", "name")
    search_help_text = "Début du SIRET ou raison sociale"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(establishments_in_scope(staff_of(request.user)))
