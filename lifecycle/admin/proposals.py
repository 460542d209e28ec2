"""Acts that one agent proposed and that another one confirms (D71)."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.habilitations.admin.base import ReadOnlyAdmin
from accounts.habilitations.permissions import may_configure, staff_of
from accounts.models import User
from accounts.naming import named
from lifecycle.admin.act import PlainForm
from lifecycle.admin.dead_mailbox import CHANNELS
from lifecycle.enums import ProposedAct
from lifecycle.flows import proposals
from lifecycle.models import StaffProposal
from mgestion.admin_titles import Whether
from mgestion.dates import french_date, french_moment
from mgestion.errors import Refused
from mgestion.journal.actors import Actor


class _Decided(Whether):
    said_title = "état"
    words = ("Tout", "À confirmer", "Décidée")


@admin.register(StaffProposal)
class ProposalAdmin(ReadOnlyAdmin):
    """What waits for a second agent first."""

    list_display = ("account", "asked", "reason", "proposed_at", "proposer", "issue", "decider")
    list_display_links = ("reason",)
    fields = (
        "account",
        "asked",
        "reason",
        "channel_name",
        "received_on",
        "address",
        "note",
        "proposed_at",
        "proposer",
        "decided_at",
        "decider",
        "outcome",
    )
    people = ("proposed_by", "decided_by")
    list_filter = (("decided_at", _Decided), "act")
    list_select_related = ("user",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user")

    @admin.display(description="compte")
    def account(self, row: StaffProposal) -> str:
        url = reverse("admin:accounts_user_change", args=[row.user_id])
        return format_html('<a href="{}">{}</a>', url, row.user)

    @admin.display(description="acte", ordering="act")
    def asked(self, row: StaffProposal) -> str:
        if row.decided_at is not None:
            return row.get_act_display()
        url = reverse("admin:lifecycle_proposal_decide", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, row.get_act_display())

    @admin.display(description="demande reçue par")
    def channel_name(self, row: StaffProposal) -> str:
        return dict(CHANNELS).get(row.channel, "") if row.channel else "–"

    @admin.display(description="proposée par")
    def proposer(self, row: StaffProposal) -> str:
        return self.name_of(row, "proposed_by")

    @admin.display(description="issue", ordering="outcome")
    def issue(self, row: StaffProposal) -> str:
        return row.get_outcome_display() or "à confirmer"

    @admin.display(description="décidée par")
    def decider(self, row: StaffProposal) -> str:
        return self.name_of(row, "decided_by") if row.decided_by else "–"

    def get_urls(self) -> list[URLPattern]:
        decide = path(
            "<uuid:proposal_id>/decision/",
            self.admin_site.admin_view(decide_proposal),
            name="lifecycle_proposal_decide",
        )
        return [decide, *super().get_urls()]


def decide_proposal(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Shows what was proposed; a POST confirms it or sets it aside. National administrators."""
    agent = request.user
    if not isinstance(agent, User) or not may_configure(staff_of(agent)):
        raise PermissionDenied
    row = get_object_or_404(StaffProposal.objects.select_related("user"), pk=proposal_id)
    listed = reverse("admin:lifecycle_staffproposal_changelist")
    if row.decided_at is not None:
        messages.error(request, "Cette proposition a déjà été traitée.")
        return HttpResponseRedirect(listed)
    if request.method == "POST":
        return _decide(request, row, agent, listed)
    own = row.proposed_by == agent.public_id
    context = {
        **admin.site.each_context(request),
        "title": f"Confirmer\u00a0: {row.get_act_display()}\u202f?",
        "form": PlainForm(),
        "proposal": row,
        "account": row.user,
        "back": reverse("admin:accounts_user_change", args=[row.user_id]),
        "listed": listed,
        "own": own,
        "facts": _facts(row),
        "erases": row.act == ProposedAct.ERASE,
    }
    return TemplateResponse(request, "admin/lifecycle/proposal.html", context)


def _decide(request: HttpRequest, row: StaffProposal, agent: User, listed: str) -> HttpResponse:
    now, actor = timezone.now(), Actor.staff(agent)
    try:
        if "confirm" in request.POST:
            proposals.confirm_proposal(row.pk, actor=actor, now=now)
            done = "Le compte est effacé." if row.act == ProposedAct.ERASE else "Adresse corrigée."
        else:
            proposals.refuse_proposal(row.pk, actor=actor, now=now)
            done = "Proposition écartée\u00a0: rien n’a été fait."
    except Refused as refusal:
        messages.error(request, refusal.message)
        return HttpResponseRedirect(reverse("admin:lifecycle_proposal_decide", args=[row.pk]))
    messages.success(request, done)
    return HttpResponseRedirect(listed)


def _facts(row: StaffProposal) -> list[tuple[str, str]]:
    said = [
        ("Proposé par", f"{named(row.proposed_by)}, le {french_moment(row.proposed_at)}"),
        ("Motif", row.get_reason_display()),
    ]
    if row.received_on is not None:
        how = dict(CHANNELS).get(row.channel, row.channel)
        said.append(("Demande écrite", f"{how}, reçue le {french_date(row.received_on)}"))
    if row.address:
        said.append(("Adresse actuelle", row.user.email))
        said.append(("Nouvelle adresse", row.address))
    if row.note:
        said.append(("Précision", row.note))
    return said
