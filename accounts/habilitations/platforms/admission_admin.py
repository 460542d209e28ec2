"""Staff pages of the admission rules: which types, profiles and roles each platform takes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.habilitations.acts import HabilitationAct
from accounts.habilitations.platforms.models import AdmissionRule
from accounts.habilitations.reference.base_admin import TableAdmin


class AdmissionRuleForm(forms.ModelForm[AdmissionRule]):
    class Meta:
        model = AdmissionRule
        fields = (
            "platform",
            "kind",
            "profile",
            "role",
            "way_in",
            "administrator_decides",
            "administrator_changes",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        platform = cleaned.get("platform") or (self.instance.pk and self.instance.platform)
        role = cleaned.get("role")
        if platform and role and platform.roles and role not in platform.roles:
            self.add_error(
                "role", f"{platform} ne connaît pas ce rôle\u00a0: ajoutez-le d’abord à sa fiche."
            )
        return cleaned


@admin.register(AdmissionRule)
class AdmissionRuleAdmin(TableAdmin):
    """A changed rule counts for the requests and invitations to come."""

    add_title = "Ajouter une règle"
    form = AdmissionRuleForm
    list_display = ("platform", "kind", "profile", "role", "way_in")
    list_display_links = ("platform", "kind", "profile")
    list_filter = ("platform", "kind", "way_in")
    list_select_related = ("platform", "profile")
    search_fields = ("profile__label", "profile__code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("platform", "kind", "profile") if obj is not None else ()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._journal(HabilitationAct.REFERENCE_DELETED, request, obj, {"rule": str(obj)})
        admin.ModelAdmin.delete_model(self, request, obj)
