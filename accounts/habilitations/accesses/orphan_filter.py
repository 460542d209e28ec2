"""The filter that shows establishments nobody looks after any more."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.habilitations.accesses.querysets import select_establishments_without_administrator


class WithoutAdministrator(admin.SimpleListFilter):
    """Somebody there has an access, and nobody active is « Administrateur »."""

    title = "administrateur"
    parameter_name = "administrateur"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("aucun", "Sans administrateur, avec des comptes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "aucun":
            return queryset.filter(
                pk__in=select_establishments_without_administrator().values("pk")
            )
        return queryset
