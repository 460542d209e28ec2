"""How platforms took the logouts that they were told."""

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.cas.models import LogoutDelivery, LogoutLane
from accounts.cas.single_logout.circuit_breaker import is_open_circuit
from accounts.habilitations.reference.base_admin import ReadOnlyAdmin
from accounts.people.enums import Status
from mgestion.text.dates import french_moment

# Why a platform is told, by the code that `single_logout` writes: the ends of sessions, and these
# of its own. An account's status has its own words.
_REASONS: Final = {
    **{value[:20]: f"compte {label}" for value, label in Status.choices},
    "logout": "déconnexion",
    "everywhere": "déconnexion de tous les appareils",
    "one": "session fermée depuis «\u00a0Mon compte\u00a0»",
    "replaced": "nouvelle connexion",
    "password": "nouveau mot de passe",
    "address": "nouvelle adresse e-mail",
    "factor": "double authentification modifiée",
    "loss": "perte signalée",
    "staff": "sessions fermées par un agent",
    "idle": "inactivité",
    "absolute": "durée maximale",
    "epoch": "sessions fermées",
    "gone": "session supprimée",
    "access": "accès terminé ou suspendu",
    "role": "rôle modifié",
    "erased": "compte supprimé",
}


def get_reason_label(reason: str) -> str:
    return _REASONS.get(reason, reason)


class ReasonFilter(admin.SimpleListFilter):
    """The reasons that the log holds, in words."""

    title = "motif"
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = LogoutDelivery.objects.order_by().values_list("reason", flat=True).distinct()
        return sorted(((code, get_reason_label(code)) for code in codes), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(reason=self.value()) if self.value() else queryset


@admin.register(LogoutDelivery)
class LogoutDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("queued_at", "platform", "status", "answer", "attempts", "reason_label", "tail")
    list_filter = ("status", "platform", ReasonFilter)
    list_select_related = ("platform",)
    list_per_page = 50
    show_full_result_count = False
    fields = (
        "platform", "url", "tail", "reason_label", "status", "answer", "attempts", "queued_at",
        "next_at", "settled_at",
    )  # fmt: skip
    readonly_fields = ("reason_label",)

    @admin.display(description="motif", ordering="reason")
    def reason_label(self, delivery: Any) -> str:
        return get_reason_label(delivery.reason)

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
