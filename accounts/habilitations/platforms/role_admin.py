"""Staff pages of the texts that describe the roles."""

from django.contrib import admin
from django.urls import reverse
from django.utils.text import Truncator

from accounts.habilitations.platforms.models import RoleText
from accounts.habilitations.reference.base_admin import KnownRoleForm, TableAdmin


@admin.register(RoleText)
class RoleTextAdmin(TableAdmin):
    """What the page of the roles says; a changed text is online at once."""

    add_title = "Ajouter un texte"
    form = KnownRoleForm
    fields = ("platform", "role", "text")
    fixed_fields = ("platform", "role")
    deleted_word = "text"
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

    def view_on_site(self, obj: RoleText) -> str:
        anchor = obj.platform.code if obj.platform else "roles"
        return f"{reverse('habilitations:roles')}#{anchor}"
