"""Titles of the administration that read like French."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst


class Titled(admin.ModelAdmin[Any]):
    """The name of the table or of the row: Django would say « Sélectionnez l’objet … »."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        name = capfirst(str(self.opts.verbose_name))
        title = name if object_id else f"Ajout\u00a0: {self.opts.verbose_name}"
        shown = {"title": title, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, shown)
