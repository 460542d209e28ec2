"""The tables that route a request and pick a role."""

from django.contrib import admin

from accounts.habilitations.reference.base_admin import DelegationFilter, TableAdmin
from accounts.habilitations.reference.effect_admin import TableWithEffects
from accounts.habilitations.reference.models import (
    Branch,
    BranchProposal,
    Delegation,
    Department,
    Dga,
    Profile,
)


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


@admin.register(Profile)
class ProfileAdmin(TableAdmin):
    """Labels; the role that each gives is in the table of admission rules."""

    add_title = "Ajouter un profil"
    list_display = ("label", "code", "position")
    search_fields = ("label", "code")


@admin.register(BranchProposal)
class BranchProposalAdmin(TableAdmin):
    """What the form proposes; the applicant chooses."""

    add_title = "Ajouter une proposition"
    list_display = ("code", "criterion", "label", "branch", "source")
    list_filter = ("criterion", "branch")
    list_select_related = ("branch",)
    search_fields = ("code", "label")
    fixed_fields = ("criterion", "code")
