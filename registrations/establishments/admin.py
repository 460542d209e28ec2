"""The admin list of access reviews, for the délégations."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.habilitations.accesses.querysets import in_staff_scope
from accounts.habilitations.reference.base_admin import ReadOnlyAdmin
from accounts.habilitations.staff.permissions import get_staff
from mgestion.templatetags.portal import siret
from mgestion.text.dates import french_last_day
from registrations.establishments import access_reviews
from registrations.establishments.models import AccessReview, AccessReviewQuerySet


class ReviewStateFilter(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("sans-reponse", "Sans réponse complète, délai passé"),
            ("en-cours", "En cours"),
            ("close", "Closes"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        if self.value() == "sans-reponse":
            return queryset.filter(pk__in=access_reviews.select_overdue_reviews(now).values("pk"))
        if self.value() == "en-cours":
            return cast(AccessReviewQuerySet, queryset).open().filter(due_at__gt=now)
        if self.value() == "close":
            return queryset.filter(closed_at__isnull=False)
        return queryset


@admin.register(AccessReview)
class AccessReviewAdmin(ReadOnlyAdmin):
    """Read-only, limited to the agent's scope. The answers are not listed."""

    list_display = ("place", "opened_at", "last_day", "reminded_at", "closed_at", "outcome")
    fields = list_display
    list_filter = (ReviewStateFilter,)
    list_select_related = ("establishment",)
    search_fields = ("establishment__siret__startswith", "establishment__name")
    search_help_text = "Début du SIRET ou raison sociale."

    @admin.display(description="établissement", ordering="establishment__name")
    def place(self, review: AccessReview) -> str:
        return f"{review.establishment.name} ({siret(review.establishment.siret)})"

    @admin.display(description="dernier jour pour répondre", ordering="due_at")
    def last_day(self, review: AccessReview) -> str:
        return french_last_day(review.due_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        mine = in_staff_scope(get_staff(request.user), "establishment__")
        return super().get_queryset(request).filter(mine)
