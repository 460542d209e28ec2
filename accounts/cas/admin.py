"""How platforms took the logouts that they were told."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.cas.logout_lanes import is_open_circuit
from accounts.cas.models import LogoutDelivery, LogoutLane
from accounts.habilitations.admin.base import ReadOnlyAdmin
from mgestion.dates import french_moment


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

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Says first which platforms are left alone for now: their rows wait, untried."""
        paused = LogoutLane.objects.filter(paused_until__gt=timezone.now())
        for lane in paused.select_related("platform"):
            until = french_moment(lane.paused_until) if lane.paused_until else ""
            messages.warning(
                request,
                f"{lane.platform} ne répond pas\u00a0: délai dépassé {lane.timeouts} fois de "
                f"suite. Ses déconnexions attendent\u202f; prochain essai {until}.",
            )
        return super().changelist_view(request, extra_context)


@admin.register(LogoutLane)
class LogoutLaneAdmin(ReadOnlyAdmin):
    """The platforms that let the time of logouts run out, until they answer again."""

    list_display = ("platform", "timeouts", "last_timeout_at", "next_trial")
    list_select_related = ("platform",)
    show_full_result_count = False
    fields = ("platform", "timeouts", "last_timeout_at", "next_trial")
    readonly_fields = ("next_trial",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogoutLane]:
        return super().get_queryset(request).filter(timeouts__gt=0)

    @admin.display(description="prochain essai", ordering="paused_until")
    def next_trial(self, lane: LogoutLane) -> str:
        if lane.paused_until and lane.paused_until > timezone.now():
            return french_moment(lane.paused_until)
        if is_open_circuit(lane.timeouts):
            return "à la prochaine déconnexion"
        return "sans attente\u00a0: elle est encore appelée comme les autres"
