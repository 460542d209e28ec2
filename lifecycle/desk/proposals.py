"""The list of proposals of agents, and the page where a second agent decides."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from accounts.habilitations.reference.base_admin import ReadOnlyAdmin
from accounts.habilitations.staff.permissions import get_staff, may_configure
from accounts.people.naming import get_display_name
from lifecycle.desk import proposal_flows
from lifecycle.desk.dead_mailbox import CHANNELS
from lifecycle.desk.lists import build_account_link
from lifecycle.enums import ProposedAct
from lifecycle.models import StaffProposal
from mgestion.admin.titles import EmptyValueFilter
from mgestion.staff_acts import StaffAct, StaffActView, on_key
from mgestion.text.dates import french_date, french_moment


class _DecidedFilter(EmptyValueFilter):
    said_title = "état"
    words = ("Tout", "À confirmer", "Décidée")


@admin.register(StaffProposal)
class ProposalAdmin(ReadOnlyAdmin):
    """Proposals, pending ones first."""

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
    list_filter = (("decided_at", _DecidedFilter), "act")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user")

    @admin.display(description="compte")
    def account(self, row: StaffProposal) -> str:
        return build_account_link(row)

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
            self.admin_site.admin_view(ProposalActView.as_view()),
            name="lifecycle_proposal_decide",
        )
        return [decide, *super().get_urls()]


ACTS: dict[str, StaffAct[StaffProposal]] = {
    "confirm": StaffAct(
        label="Confirmer",
        verb=on_key(proposal_flows.confirm_proposal),
        shown=lambda row: row.decided_at is None,
        done=lambda row, done: (
            "Le compte est effacé." if row.act == ProposedAct.ERASE else "Adresse corrigée."
        ),
    ),
    "refuse": StaffAct(
        label="Écarter la proposition",
        verb=on_key(proposal_flows.refuse_proposal),
        shown=lambda row: row.decided_at is None,
        done="Proposition écartée\u00a0: rien n’a été fait.",
    ),
}


class ProposalActView(StaffActView[StaffProposal]):
    """Shows a proposal with two buttons: confirm, or set aside."""

    acts = ACTS
    template_name = "admin/lifecycle/proposal.html"

    def may_act(self) -> bool:
        return may_configure(get_staff(self.request.user))

    def get_row(self) -> StaffProposal:
        rows = StaffProposal.objects.select_related("user")
        return get_object_or_404(rows, pk=self.kwargs["proposal_id"])

    def get_word(self) -> str:
        return "confirm" if "confirm" in self.request.POST else "refuse"

    def row_url(self) -> str:
        return reverse("admin:accounts_user_change", args=[self.row.user_id])

    def done_url(self) -> str:
        return reverse("admin:lifecycle_staffproposal_changelist")

    refused_url = done_url

    def impossible_words(self) -> str:
        return "Cette proposition a déjà été traitée."

    def page_context(self) -> dict[str, Any]:
        agent = self.request.user
        return {
            "title": f"Confirmer\u00a0: {self.row.get_act_display()}\u202f?",
            "crumbs": [("Actes à confirmer", self.done_url())],
            "own": self.row.proposed_by == getattr(agent, "public_id", None),
            "facts": _build_proposal_facts(self.row),
            "erases": self.row.act == ProposedAct.ERASE,
        }


def _build_proposal_facts(row: StaffProposal) -> list[tuple[str, str]]:
    said = [
        (
            "Proposé par",
            f"{get_display_name(row.proposed_by)}, le {french_moment(row.proposed_at)}",
        ),
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
