"""Staff pages of the texts that describe the roles."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import Truncator

from accounts.habilitations.acts import HabilitationAct
from accounts.habilitations.platforms.models import RoleText
from accounts.habilitations.reference.base_admin import TableAdmin


class RoleTextForm(forms.ModelForm[RoleText]):
    class Meta:
        model = RoleText
        fields = ("platform", "role", "text")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        platform, role = cleaned.get("platform"), cleaned.get("role")
        if platform and role and platform.roles and role not in platform.roles:
            self.add_error(
                "role", f"{platform} ne connaît pas ce rôle\u00a0: ajoutez-le d’abord à sa fiche."
            )
        return cleaned


@admin.register(RoleText)
class RoleTextAdmin(TableAdmin):
    """What the page of the roles says; a changed text is online at once."""

    add_title = "Ajouter un texte"
    form = RoleTextForm
    list_display = ("place", "role", "beginning")
    list_display_links = ("place", "role")
    list_filter = ("role", "platform")
    list_select_related = ("platform",)
    change_list_template = "admin/change_list.html"

    @admin.display(description="plateforme", ordering="platform__position")
    def place(self, row: RoleText) -> str:
        return row.platform.name if row.platform else "Toutes (texte général)"

    @admin.display(description="texte")
    def beginning(self, row: RoleText) -> str:
        return Truncator(row.text).chars(90)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("platform", "role") if obj is not None else ()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._journal(HabilitationAct.REFERENCE_DELETED, request, obj, {"text": str(obj)})
        admin.ModelAdmin.delete_model(self, request, obj)

    def view_on_site(self, obj: RoleText) -> str:
        anchor = obj.platform.code if obj.platform else "roles"
        return f"{reverse('habilitations:roles')}#{anchor}"
