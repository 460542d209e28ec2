"""Agents: an existing account, a role, a scope. The pages call `appoint` and `dismiss`."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.base_admin import (
    AddressSearch,
    DelegationFilter,
    VerbAdmin,
)
from accounts.habilitations.staff import flows as staff_flows
from accounts.habilitations.staff.models import StaffMember
from accounts.people.models import User
from mgestion.journal.actors import Actor


class StaffForm(forms.ModelForm[StaffMember]):
    class Meta:
        model = StaffMember
        fields = ("role", "delegations", "dgas")
        widgets = {  # Django's own way to say it
            "delegations": forms.CheckboxSelectMultiple,
            "dgas": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "delegations": "L’instructeur voit les demandes de ces délégations ou de ces DGA, "
            "et rien d’autre.",
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        scoped = cleaned.get("delegations") or cleaned.get("dgas")
        if cleaned.get("role") == StaffRole.REVIEWER and not scoped:
            self.add_error(
                "delegations",
                "Choisissez au moins une délégation ou une DGA : sans elles, rien n’est visible.",
            )
        return cleaned


class NewStaffForm(StaffForm):
    """The account is named by its address: an agent signs up like everybody first."""

    email = forms.EmailField(
        label="Adresse e-mail du compte",
        help_text="Le compte doit exister et être actif : l’agent s’inscrit d’abord comme tout le "
        "monde.",
    )

    def clean_email(self) -> User:
        user = User.objects.with_address(self.cleaned_data["email"])
        if user is None or not user.is_active:
            raise forms.ValidationError("Aucun compte actif n’a cette adresse.")
        if StaffMember.objects.filter(user=user).exists():
            raise forms.ValidationError(
                "Cette personne est déjà un agent : ouvrez sa fiche pour changer son rôle."
            )
        return user


@admin.register(StaffMember)
class StaffMemberAdmin(AddressSearch, VerbAdmin):
    form = StaffForm
    add_form = NewStaffForm
    add_title = "Nommer un agent"
    deleted_words = "Rôle retiré"
    delete_title = "Retirer le rôle d’agent\u202f?"
    list_display = ("user", "role", "scope_label")
    list_filter = ("role", ("delegations", DelegationFilter), "dgas")
    list_select_related = ("user",)
    search_fields = ("user__email_key", "user__last_name")
    search_help_text = "Adresse e-mail ou nom."
    ordering = ("user__last_name", "user__first_name")

    @admin.display(description="périmètre")
    def scope_label(self, member: StaffMember) -> str:
        if member.role == StaffRole.DPO:
            return "Droits des personnes"
        if member.role != StaffRole.REVIEWER:
            return "Tout"
        parts = [
            *(row.code for row in member.delegations.all()),
            *(row.code for row in member.dgas.all()),
        ]
        return ", ".join(parts) or "Rien"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("delegations", "dgas")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user" if obj else "email", "role", "delegations", "dgas")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        member = staff_flows.appoint_staff(
            obj.user if change else form.cleaned_data["email"],
            role=form.cleaned_data["role"],
            delegations=form.cleaned_data["delegations"],
            dgas=form.cleaned_data["dgas"],
            actor=Actor.staff(request.user),  # type: ignore[arg-type]  # never anonymous
            now=timezone.now(),
        )
        obj.pk, obj.user, obj._state.adding = member.pk, member.user, False
        obj.done_words = f"{member.user} est agent\u00a0: {member.get_role_display()}."

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        actor = Actor.staff(request.user)  # type: ignore[arg-type]
        staff_flows.dismiss_staff(obj.pk, actor=actor, now=timezone.now())
