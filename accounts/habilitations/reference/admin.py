"""The tables that route a request and pick a role."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.reference.base_admin import DelegationFilter, TableAdmin, format_labels
from accounts.habilitations.reference.effect_admin import TableWithEffects
from accounts.habilitations.reference.models import Branch, Delegation, Department, Dga, Profile

_KINDS = [
    choice
    for choice in EstablishmentKind.choices
    if choice[0] != EstablishmentKind.CABINET_COMPTABLE
]


@admin.register(Dga)
class DgaAdmin(TableAdmin):
    add_title = "Ajouter une DGA"
    list_display = ("name", "code", "email", "dashboard", "fallback")
    list_filter = ("dashboard", "fallback")
    search_fields = ("name", "code")


@admin.register(Delegation)
class DelegationAdmin(TableAdmin):
    add_title = "Ajouter une délégation"
    list_display = ("name", "code", "email", "phone")
    search_fields = ("name", "code")


@admin.register(Department)
class DepartmentAdmin(TableWithEffects):
    add_title = "Ajouter un département"
    list_display = ("code", "name", "delegation", "selectable", "in_territory")
    list_display_links = ("code", "name")
    list_filter = ("selectable", "in_territory", ("delegation", DelegationFilter))
    list_select_related = ("delegation",)
    search_fields = ("code", "name")


@admin.register(Branch)
class BranchAdmin(TableWithEffects):
    add_title = "Ajouter une branche"
    list_display = ("label", "code", "dga", "dashboard", "position", "selectable")
    list_filter = ("selectable", "dashboard", "dga")
    list_select_related = ("dga",)
    search_fields = ("label", "code")


class ProfileForm(forms.ModelForm[Profile]):
    """Types of establishment as boxes, and at most one profile given by default for each."""

    kinds = forms.MultipleChoiceField(
        label="Types d’établissement",
        choices=_KINDS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    default_for = forms.MultipleChoiceField(
        label="Profil d’office pour",
        choices=_KINDS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Profile
        fields = ("code", "label", "role", "kinds", "default_for", "proposed", "position")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kinds, default_for = set(cleaned.get("kinds", ())), set(cleaned.get("default_for", ()))
        if default_for - kinds:
            self.add_error(
                "default_for",
                "Un profil d’office doit d’abord être ouvert à ce type d’établissement.",
            )
        taken = {
            kind: profile.label
            for profile in Profile.objects.exclude(pk=self.instance.pk)
            for kind in profile.default_for
        }
        for kind in sorted(default_for & taken.keys()):
            label = EstablishmentKind(kind).label
            self.add_error(
                "default_for", f"{label} : le profil d’office est déjà « {taken[kind]} »."
            )
        return cleaned


@admin.register(Profile)
class ProfileAdmin(TableAdmin):
    add_title = "Ajouter un profil"
    form = ProfileForm
    list_display = ("label", "code", "role", "proposed", "position")
    list_filter = ("proposed", "role")
    search_fields = ("label", "code")
    _said: ClassVar = {"kinds": "kinds_said", "default_for": "default_for_said"}

    @admin.display(description="ouvert à")
    def kinds_said(self, profile: Profile) -> str:
        return format_labels(profile.kinds, EstablishmentKind)

    @admin.display(description="profil d’office pour")
    def default_for_said(self, profile: Profile) -> str:
        return format_labels(profile.default_for, EstablishmentKind)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only reads them reads lists in French."""
        fields = ProfileForm.Meta.fields
        if self.has_change_permission(request, obj):
            return fields
        return [self._said.get(name, name) for name in fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        shown = super().get_readonly_fields(request, obj)
        if self.has_change_permission(request, obj):
            return shown
        return (*shown, *self._said.values())
