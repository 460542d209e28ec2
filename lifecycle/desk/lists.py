"""Read-only lists of runs, cases, holds and ledger lines; acts are in `lifecycle.desk.acts`."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.habilitations.reference.base_admin import ReadOnlyAdmin
from accounts.people.naming import get_display_name
from lifecycle.desk.acts import LifecycleActView
from lifecycle.enums import RUN_COUNT_LABELS, CaseState
from lifecycle.models import Hold, LedgerEntry, LifecycleCase, LifecycleRun
from lifecycle.rules import dead_mailboxes, planning, querysets, reviews, silent_platforms, wording
from mgestion.admin import charts
from mgestion.admin.titles import NOTHING, EmptyValueFilter
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_date, french_last_day


class _RunTriggerFilter(admin.SimpleListFilter):
    """By what started a run."""

    title = "déclenchée par"
    parameter_name = "trigger"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(wording.TRIGGERS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(trigger=self.value()) if self.value() else queryset


@admin.register(LifecycleRun)
class RunAdmin(ReadOnlyAdmin):
    """Past runs, and the number of coming deletions."""

    change_list_template = "admin/lifecycle/lifecyclerun/change_list.html"
    list_display = ("started_at", "started_by", "outcome", "done", "failed", "text")
    list_filter = ("outcome", _RunTriggerFilter)
    fields = ("started_at", "finished_at", "started_by", "outcome", "text", "done", "failed")
    show_full_result_count = False

    @admin.display(description="déclenchée par", ordering="trigger")
    def started_by(self, run: LifecycleRun) -> str:
        return wording.describe_trigger(run.trigger)

    @admin.display(description="comptes")
    def done(self, run: LifecycleRun) -> str:
        said = (
            f"{RUN_COUNT_LABELS.get(name, name)}\u00a0: {number}"
            for name, number in run.counts.items()
        )
        return ", ".join(said) or "–"

    @admin.display(description="échecs")
    def failed(self, run: LifecycleRun) -> str:
        return "\n".join(map(wording.describe_failure, run.failures)) or "–"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        now = timezone.now()
        states = dict(
            LifecycleCase.objects.open()
            .order_by()
            .values_list("state")
            .annotate(number=Count("pk"))
        )
        deletions = planning.count_upcoming_deletions(now)
        shown = {
            "states": [
                (label, states.get(state, 0), f"?state__exact={state}")
                for state, label in CaseState.choices
                if state != CaseState.CLOSED
            ],
            "holds": Hold.objects.active().count(),
            "all_held": querysets.is_everything_held(),
            "reviews": reviews.get_review_state(now),
            "silent": silent_platforms.find_silent_platforms(now),
            "chart": charts.columns(
                "deletions",
                "Suppressions par jour",
                f"{max(number for _, number in deletions)} au plus. Les valeurs sont dans le "
                "tableau qui suit.",
                [f"{day:%d/%m}" for day, _ in deletions],
                [("Suppressions", [number for _, number in deletions])],
                named=7,
            ),
            "deletions": [(french_date(day), number) for day, number in deletions if number],
            "deletions_total": sum(number for _, number in deletions),
            "first_day": french_date(deletions[0][0]),
            "last_day": french_date(deletions[-1][0]),
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})


class _LetterFilter(admin.SimpleListFilter):
    """Cases announced by letter whose days are over."""

    title = "lettre"
    parameter_name = "lettre"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("echue", "délai passé")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "echue":
            return queryset
        return queryset.filter(
            pk__in=dead_mailboxes.select_letters_to_decide(timezone.now()).values("pk")
        )


@admin.register(LifecycleCase)
class CaseAdmin(ReadOnlyAdmin):
    """Cases, open and closed."""

    list_display = ("account", "cause", "state", "anchor", "deadline", "outcome", "opened_at")
    list_display_links = ("cause",)  # the account leads to its own page
    list_filter = ("state", "cause", "outcome", _LetterFilter)
    search_fields = ("=user__email_key", "=user__public_id")
    search_help_text = "Adresse e-mail entière ou identifiant."
    list_select_related = ("user",)
    ordering = ("-opened_at",)
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        names = [name for name in super().get_fields(request) if name != "anchor_ends"]
        said = {"due_at": "deadline", "mail": "awaited", "user": "account"}
        return [said.get(name, name) for name in names]

    @admin.display(description="e-mail attendu")
    def awaited(self, case: LifecycleCase) -> str:
        return _build_row_link(case.mail) if case.mail else NOTHING

    @admin.display(description="compte")
    def account(self, case: LifecycleCase) -> str:
        return build_account_link(case)

    @admin.display(description="dernier jour", ordering="due_at")
    def deadline(self, case: LifecycleCase) -> str:
        """The last day, as mails give it; the row holds the end of that day."""
        return french_last_day(case.due_at) if case.due_at else "–"

    def get_urls(self) -> list[URLPattern]:
        act = path(
            "compte/<uuid:public_id>/<slug:word>/",
            self.admin_site.admin_view(LifecycleActView.as_view()),
            name="lifecycle_account_act",
        )
        return [act, *super().get_urls()]


class _ReleasedFilter(EmptyValueFilter):
    said_title = "état"
    words = ("Tout", "À résoudre", "Levée")


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """Holds, open ones first."""

    _said = ("reason", "placed_at", "placed_by_name", "released_at", "released_by_name")
    list_display = ("account", *_said)
    list_display_links = ("reason",)  # as for a case
    fields = ("user", "everything", *_said)
    people = ("placed_by", "released_by")
    list_filter = (("released_at", _ReleasedFilter), "reason")
    ordering = ("-placed_at",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user")

    @admin.display(description="compte")
    def account(self, hold: Hold) -> str:
        return "tous les comptes" if hold.everything else build_account_link(hold)

    @admin.display(description="posée par")
    def placed_by_name(self, hold: Hold) -> str:
        return self.name_of(hold, "placed_by")

    @admin.display(description="levée par")
    def released_by_name(self, hold: Hold) -> str:
        return self.name_of(hold, "released_by") if hold.released_at else "–"


@admin.register(LedgerEntry)
class LedgerAdmin(ReadOnlyAdmin):
    """Ledger lines; no page names a person."""

    counted = ("ligne", "lignes")
    list_display = ("at", "reference", "said", "cause", "anchor", "last_day", "why")
    list_filter = ("line", "cause")
    search_fields = ("=reference",)
    search_help_text = "Référence du registre, exacte."
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        said = {"line": "said", "reason": "why", "actor": "author"}
        said |= {"case_id": "case", "mail_id": "mail", "run_id": "run"}
        return [said.get(name, name) for name in super().get_fields(request)]

    @admin.display(description="acte", ordering="line")
    def said(self, line: LedgerEntry) -> str:
        return wording.describe_ledger_line(line)

    @admin.display(description="motif", ordering="reason")
    def why(self, line: LedgerEntry) -> str:
        return wording.describe_reason(line.reason) or "–"

    @admin.display(description="procédure")
    def case(self, line: LedgerEntry) -> str:
        return _build_reference_link(LifecycleCase, line.case_id)

    @admin.display(description="e-mail")
    def mail(self, line: LedgerEntry) -> str:
        return _build_reference_link(Mail, line.mail_id)

    @admin.display(description="exécution")
    def run(self, line: LedgerEntry) -> str:
        return _build_reference_link(LifecycleRun, line.run_id)

    @admin.display(description="auteur")
    def author(self, line: LedgerEntry) -> str:
        """A run, a command, or an agent."""
        try:
            return get_display_name(UUID(line.actor))
        except ValueError:
            return wording.describe_trigger(line.actor) or "–"


def _build_row_link(row: Model) -> str:
    page = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(page, args=[row.pk]), str(row))


def _build_reference_link(model: Any, reference: UUID | None) -> str:
    """A link to the page of a row; its reference once the row is deleted."""
    row = model.objects.filter(pk=reference).first() if reference else None
    if row is not None:
        return _build_row_link(row)
    return f"supprimé ({reference})" if reference else NOTHING


def build_account_link(row: Any) -> str:
    url = reverse("admin:accounts_user_change", args=[row.user_id])
    return format_html('<a href="{}">{}</a>', url, row.user)
