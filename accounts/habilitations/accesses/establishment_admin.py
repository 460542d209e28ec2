"""Establishments: verbs write them; here they are read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.accesses.orphan_filter import WithoutAdministrator
from accounts.habilitations.accesses.querysets import in_staff_scope
from accounts.habilitations.reference.base_admin import (
    DelegationFilter,
    ReadOnlyAdmin,
    strip_separators,
)
from accounts.habilitations.staff.permissions import get_staff
from mgestion.templatetags.portal import siret


@admin.register(Establishment)
class EstablishmentAdmin(ReadOnlyAdmin):
    """A reviewer reads those of his scope only, by id too: the queryset is what every view starts
    from.
    """

    list_display = ("name", "number", "kind", "department", "branch", "created_at")
    list_filter = (
        WithoutAdministrator,
        "kind",
        "branch",
        ("department__delegation", DelegationFilter),
    )
    list_select_related = ("department", "branch")
    search_fields = ("siret__startswith", "name")
    search_help_text = "Début du SIRET ou raison sociale."

    @admin.display(description="SIRET", ordering="siret")
    def number(self, place: Establishment) -> str:
        return siret(place.siret)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("name", "number", "kind", "department", "branch", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("number",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        digits = strip_separators(search_term)
        return super().get_search_results(
            request, queryset, digits if digits.isdigit() else search_term
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(in_staff_scope(get_staff(request.user)))
