"""How platforms took the logouts that they were told."""

from typing import Any, ClassVar

from django.contrib import admin

from accounts.cas.models import LogoutDelivery
from accounts.habilitations.admin.base import ReadOnlyAdmin


@admin.register(LogoutDelivery)
class LogoutDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("queued_at", "platform", "status", "answer", "attempts", "reason_label", "tail")
    list_filter = ("status", "platform", "reason")
    list_select_related = ("platform",)
    list_per_page = 50
    show_full_result_count = False
    fields = (
        "platform", "url", "tail", "reason_label", "status", "answer", "attempts", "queued_at",
        "next_at", "settled_at",
    )  # fmt: skip
    readonly_fields = ("reason_label",)
    _reasons: ClassVar = {
        "logout": "déconnexion",
        "everywhere": "déconnexion de tous les appareils",
        "idle": "inactivité",
        "absolute": "durée maximale",
        "epoch": "sessions fermées",
        "gone": "session supprimée",
        "access": "accès terminé ou suspendu",
        "erased": "compte supprimé",
        "revoked": "session fermée",
        "replaced": "nouvelle connexion",
        "suspended": "compte suspendu",
        "deactivated_inactive": "compte inactif",
    }

    @admin.display(description="motif", ordering="reason")
    def reason_label(self, delivery: Any) -> str:
        return str(self._reasons.get(delivery.reason, delivery.reason))
