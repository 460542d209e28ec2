"""Staff pages of the admission rules: which types, profiles and roles each platform takes."""

from django.contrib import admin

from accounts.habilitations.platforms.models import AdmissionRule
from accounts.habilitations.reference.base_admin import KnownRoleForm, TableAdmin


@admin.register(AdmissionRule)
class AdmissionRuleAdmin(TableAdmin):
    """A changed rule counts for the requests and invitations to come."""

    add_title = "Ajouter une règle"
    form = KnownRoleForm
    fields = (
        *("platform", "kind", "profile", "role", "way_in"),
        *("administrator_decides", "administrator_changes"),
    )
    fixed_fields = ("platform", "kind", "profile")
    deleted_word = "rule"
    list_display = ("platform", "kind", "profile", "role", "way_in")
    list_display_links = ("platform", "kind", "profile")
    list_filter = ("platform", "kind", "way_in")
    list_select_related = ("platform", "profile")
    search_fields = ("profile__label", "profile__code")
