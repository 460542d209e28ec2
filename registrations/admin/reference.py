"""What the national administrator edits of this room: the reasons to refuse (D11)."""

from django.contrib import admin

from accounts.habilitations.admin.base import TableAdmin
from registrations.models import RefusalReason


@admin.register(RefusalReason)
class RefusalReasonAdmin(TableAdmin):
    """A reason in use cannot be deleted (the database protects it): untick « proposé »."""

    list_display = ("label", "may_resubmit", "enabled", "position")
    list_filter = ("enabled", "may_resubmit")
    search_fields = ("label", "code")
    fields = ("label", "code", "text", "may_resubmit", "enabled", "position")
