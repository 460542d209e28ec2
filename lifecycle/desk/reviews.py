"""The page of reviews: agents, old suspensions and old blocks, with their acts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.entry.second_factor import factors
from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.base_admin import ReadOnlyAdmin
from accounts.habilitations.staff.models import StaffMember
from accounts.habilitations.staff.permissions import get_staff, may_configure
from accounts.leaving import block_list
from accounts.people.enums import DeactivationReason
from accounts.people.models import BlockedPerson, User
from accounts.people.naming import find_names
from lifecycle.desk import review_flows as verbs
from lifecycle.enums import ReviewKind
from lifecycle.models import Review
from lifecycle.rules import reviews
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.text.dates import french_date, paris_date

_REASONS = [("", "Motif"), *DeactivationReason.choices]
_BLOCK_ACTS = {
    "maintenir": (block_list.maintain_block, "Blocage maintenu pour trois ans."),
    "lever": (
        block_list.lift_block,
        "Blocage levé\u00a0: cette personne peut de nouveau s’inscrire.",
    ),
}


@dataclass(frozen=True, slots=True)
class ReviewedAccount:
    """An account in a table of the page. `member`: the agent's row, None for a plain superuser."""

    user: User
    due: bool
    oneself: bool
    reviewed: str
    member: StaffMember | None = None
    has_factor: bool = False

    @property
    def role(self) -> str:
        if self.member is None:
            return "Superutilisateur"
        return str(self.member.get_role_display())

    @property
    def scope(self) -> str:
        if self.member is not None and self.member.role == StaffRole.DPO:
            return "Droits des personnes"
        if self.member is None or self.member.role != StaffRole.REVIEWER:
            return "Tout"
        codes = [
            *(row.code for row in self.member.delegations.all()),
            *(row.code for row in self.member.dgas.all()),
        ]
        return ", ".join(codes) or "Rien"


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """What is to review, then the confirmations."""

    change_list_template = "admin/lifecycle/review/change_list.html"
    list_display = ("at", "kind", "account", "confirmed_by")
    list_filter = ("kind",)
    list_select_related = ("user",)
    fields = ("at", "kind", "user", "confirmed_by")
    people = ("by",)
    ordering = ("-at",)
    show_full_result_count = False

    @admin.display(description="compte")
    def account(self, review: Review) -> str:
        return str(review.user)

    @admin.display(description="confirmé par")
    def confirmed_by(self, review: Review) -> str:
        return self.name_of(review, "by")

    def get_urls(self) -> list[URLPattern]:
        keep = path(
            "compte/<uuid:public_id>/<slug:kind>/",
            self.admin_site.admin_view(_confirm_review_view),
            name="lifecycle_review_keep",
        )
        block = path(
            "blocage/<int:block_id>/",
            self.admin_site.admin_view(_decide_block_view),
            name="lifecycle_review_block",
        )
        return [keep, block, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        now = timezone.now()
        due = set(reviews.select_agents_to_review(now).values_list("pk", flat=True))
        people = reviews.select_staff_accounts().order_by("last_name", "first_name", "pk")
        agents = _build_reviewed_accounts(people, ReviewKind.AGENT, request, due=due)
        shown = {
            "state": reviews.get_review_state(now),
            "opened": french_date(reviews.get_review_start(now)),
            "until": french_date(reviews.get_review_end(now)),
            "agents": sorted(agents, key=lambda line: not line.due),
            "suspensions": _build_reviewed_accounts(
                reviews.select_suspensions_to_review(now), ReviewKind.SUSPENSION, request
            ),
            "blocks": [_describe_block(block) for block in block_list.select_blocks_to_review(now)],
            "reasons": _REASONS,
            "may_act": may_configure(get_staff(request.user)),
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})


def _build_reviewed_accounts(
    people: Iterable[User], kind: str, request: HttpRequest, *, due: set[int] | None = None
) -> list[ReviewedAccount]:
    """`due`: pks of the users to review, all when None. The number of queries is constant."""
    users = list(people)
    ids = [user.pk for user in users]
    members = StaffMember.objects.filter(user__in=ids).prefetch_related("delegations", "dgas")
    member_of = {member.user_id: member for member in members}
    protected = set(
        Authenticator.objects.filter(user__in=ids, type__in=factors.FACTORS).values_list(
            "user_id", flat=True
        )
    )
    past = Review.objects.filter(user__in=ids, kind=kind).order_by("at")
    last = {review.user_id: review for review in past}
    names = find_names(review.by for review in last.values())
    return [
        ReviewedAccount(
            user=user,
            due=due is None or user.pk in due,
            oneself=user.pk == request.user.pk,
            reviewed=_describe_last_review(last.get(user.pk), names),
            member=member_of.get(user.pk),
            has_factor=user.pk in protected,
        )
        for user in users
    ]


def _describe_last_review(review: Review | None, names: dict[UUID, str]) -> str:
    if review is None:
        return "jamais"
    by = names.get(review.by) if review.by else None
    return french_date(paris_date(review.at)) + (f", par {by}" if by else "")


def _describe_block(block: BlockedPerson) -> dict[str, Any]:
    reason = dict(DeactivationReason.choices).get(block.reason, block.reason)
    return {
        "pk": block.pk,
        "digest": f"{block.digest[:12]}…",
        "reason": reason,
        "since": french_date(paris_date(block.blocked_at)),
        "reviewed": french_date(paris_date(block.reviewed_at)) if block.reviewed_at else "jamais",
    }


def _confirm_review_view(request: HttpRequest, public_id: UUID, kind: str) -> HttpResponse:
    """« Conserver », by POST only."""

    def act(actor: Actor, now: datetime) -> str:
        user = get_object_or_404(User, public_id=public_id)
        verbs.confirm_review(user, kind, actor=actor, now=now)
        return f"Confirmé\u00a0: {user}."

    if kind not in ReviewKind.values:
        kind = ReviewKind.AGENT
    return _run_review_act(request, act)


def _decide_block_view(request: HttpRequest, block_id: int) -> HttpResponse:
    """« Maintenir » or « Lever », with a reason; by POST only."""

    def act(actor: Actor, now: datetime) -> str:
        reason = request.POST.get("reason", "")
        if reason not in DeactivationReason.values:
            raise Refused("reason", "Choisissez d’abord le motif de votre décision.")
        verb, said = _BLOCK_ACTS.get(request.POST.get("act", ""), _BLOCK_ACTS["maintenir"])
        verb(block_id, actor=actor, reason=reason, now=now)
        return said

    return _run_review_act(request, act)


def _run_review_act(request: HttpRequest, act: Callable[[Actor, datetime], str]) -> HttpResponse:
    """Runs an act of a national administrator and redirects to the page, with its result."""
    agent = request.user
    if not isinstance(agent, User) or not may_configure(get_staff(agent)):
        raise PermissionDenied
    if request.method == "POST":
        try:
            messages.success(request, act(Actor.staff(agent), timezone.now()))
        except Refused as refusal:
            messages.error(request, refusal.message)
    return HttpResponseRedirect(reverse("admin:lifecycle_review_changelist"))
