"""The admin list of invitations, and their withdrawal by an agent."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.accesses.querysets import in_staff_scope
from accounts.habilitations.accesses.search_words import match_establishments
from accounts.habilitations.reference.base_admin import ReadOnlyAdmin
from accounts.habilitations.staff.permissions import get_staff, may_decide
from accounts.people.addresses import fold_address
from mgestion.staff_acts import StaffAct, StaffActView, on_key
from mgestion.templatetags.portal import siret
from mgestion.text.dates import french_last_day
from registrations.invitations.flows import revoke_invitation_by_staff
from registrations.invitations.models import Invitation, InvitationStatus
from registrations.invitations.querysets import filter_by_invitation_state


class InvitationStateFilter(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, str(label).capitalize()) for code, label in InvitationStatus.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen not in InvitationStatus.values:
            return queryset
        return queryset.filter(filter_by_invitation_state(str(chosen), timezone.now()))


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Read-only, limited to the agent's scope, with one act: « Retirer »."""

    list_display = ("email", "place", "platform", "role", "inviter", "sent_at", "state")
    fields = (
        "email",
        "place",
        "platform",
        "profile",
        "role",
        "inviter",
        "inviter_role",
        "invited_at",
        "sent_at",
        "sendings",
        "last_day",
        "state",
        "closed_at",
        "withdrawal",
    )
    list_filter = (InvitationStateFilter, "platform")
    list_select_related = ("establishment", "platform", "invited_by")
    search_fields = ("email_key",)  # shows the box; what it looks for is below
    search_help_text = "Début de l’adresse invitée, du SIRET ou d’un mot de la raison sociale."
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        mine = in_staff_scope(get_staff(request.user), "establishment__")
        rows = super().get_queryset(request).filter(mine)
        return rows.select_related("establishment", "platform", "profile", "invited_by")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        places = Establishment.objects.order_by().filter(match_establishments(search_term))
        found = Q(establishment__in=places.values("pk"))
        if address := fold_address(search_term):
            found |= Q(email_key__startswith=address)
        return queryset.filter(found), False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        decides = may_decide(get_staff(request.user))
        return self.fields if decides else self.fields[:-1]

    @admin.display(description="établissement", ordering="establishment__name")
    def place(self, row: Invitation) -> str:
        return f"{row.establishment.name} ({siret(row.establishment.siret)})"

    @admin.display(description="invité par")
    def inviter(self, row: Invitation) -> str:
        return str(row.invited_by or "un compte effacé")

    @admin.display(description="dernier jour", ordering="expires_at")
    def last_day(self, row: Invitation) -> str:
        return french_last_day(row.expires_at)

    @admin.display(description="état", ordering="status")
    def state(self, row: Invitation) -> str:
        return str(row.get_state(timezone.now()).label)

    @admin.display(description="action")
    def withdrawal(self, row: Invitation) -> str:
        if row.status != InvitationStatus.PENDING:
            return "–"
        url = reverse("admin:registrations_invitation_revoke", args=[row.pk])
        return format_html('<a href="{}">Retirer cette invitation</a>', url)

    def get_urls(self) -> list[URLPattern]:
        revoke = path(
            "<uuid:invitation_id>/retirer/",
            self.admin_site.admin_view(InvitationActView.as_view()),
            name="registrations_invitation_revoke",
        )
        return [revoke, *super().get_urls()]


class InvitationActView(StaffActView[Invitation]):
    """« Retirer »: a GET explains, a POST does it."""

    acts = {
        "retirer": StaffAct(
            label="Retirer cette invitation",
            warning="Le lien reçu par la personne ne mènera plus à rien. Ni elle ni "
            "l’administrateur ne reçoivent de message.",
            verb=on_key(revoke_invitation_by_staff),
            done="L’invitation est retirée.",
            dangerous=True,
            shown=lambda row: row.status == InvitationStatus.PENDING,
        )
    }

    def may_act(self) -> bool:
        return may_decide(get_staff(self.request.user))

    def get_word(self) -> str:
        return "retirer"

    def get_row(self) -> Invitation:
        rows = Invitation.objects.filter(
            in_staff_scope(get_staff(self.request.user), "establishment__")
        )
        row = rows.filter(pk=self.kwargs["invitation_id"]).first()
        if row is None:
            raise Http404
        return row

    def row_url(self) -> str:
        return reverse("admin:registrations_invitation_change", args=[self.row.pk])

    def impossible_words(self) -> str:
        return f"Cette invitation est déjà {self.row.get_status_display()}."
