"""Staff pages: people (read-only), block list, and addresses that are let through."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.acts import AccountAct
from accounts.habilitations.reference.base_admin import ReadOnlyAdmin
from accounts.leaving import block_list
from accounts.people.addresses import DOUBLE
from accounts.people.enums import DeactivationReason
from accounts.people.models import AllowedAddress, BlockedPerson, User
from accounts.people.naming import get_display_name
from accounts.people.search.account_search import select_account_keys
from mgestion import slots
from mgestion.admin.titles import PortalModelAdmin
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.staff_acts import StaffAct, StaffActView, on_key
from mgestion.templatetags.portal import phone_fr
from mgestion.text.dates import french_date, french_last_day


class DoubleFilter(admin.SimpleListFilter):
    """Accounts whose mailbox is another account's, found when keys were made anew."""

    title = "adresse"
    parameter_name = "double"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("oui", "Adresse en double")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(email_key__contains=DOUBLE) if self.value() == "oui" else queryset


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Who has an account, and where it stands. No password is ever set here."""

    list_display = ("email", "last_name", "first_name", "status", "created_at", "last_activity_at")
    list_filter = ("status", "is_staff", DoubleFilter)
    search_fields = ("email_key",)
    search_help_text = "Adresse e-mail, nom, prénom ou entreprise\u00a0: le début d’un mot suffit."
    ordering = ("-created_at",)
    show_full_result_count = False
    fields = (
        "email",
        "first_name",
        "last_name",
        "telephone",
        "status",
        "status_since",
        "revivable",
        "created_at",
        "last_login_at",
        "last_activity_at",
        "clock_from",
        "is_staff",
        "public_id",
        "journal_link",
    )
    readonly_fields = fields
    change_form_template = "admin/accounts/user/change_form.html"

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **more: Any
    ) -> Any:
        user, now = context["original"], timezone.now()
        context["panels"] = [panel(request, user, now) for panel in slots.user_panels.values()]
        return super().render_change_form(request, context, *args, **more)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=select_account_keys(search_term)), False

    @admin.display(description="téléphone")
    def telephone(self, user: User) -> str:
        return phone_fr(user.phone)

    @admin.display(description="réactivable jusqu’au")
    def revivable(self, user: User) -> str:
        """The last day, as the letters say it: the row holds the moment when that day is over."""
        return french_last_day(user.revivable_until) if user.revivable_until else "–"

    @admin.display(description="journal")
    def journal_link(self, user: User) -> str:
        return format_html(
            '<a href="{}?q={}">Ce que le journal dit de ce compte</a>',
            reverse("admin:journal_entry_changelist"),
            user.public_id,
        )


@admin.register(AllowedAddress)
class AllowedAddressAdmin(PortalModelAdmin):
    """Addresses wrongly refused at sign-up."""

    add_title = "Autoriser une adresse"
    deleted_words = "Adresse retirée"
    list_display = ("pattern", "reason", "added_at")
    search_fields = ("pattern",)
    search_help_text = "Une partie de l’adresse ou du domaine."
    readonly_fields = ("adder", "added_at")

    @admin.display(description="ajoutée par")
    def adder(self, row: AllowedAddress) -> str:
        return get_display_name(row.added_by)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("pattern", "reason", "adder", "added_at") if obj else ("pattern", "reason")

    def save_model(
        self,
        request: HttpRequest,
        obj: AllowedAddress,
        form: ModelForm[AllowedAddress],
        change: bool,
    ) -> None:
        now = timezone.now()
        if not change:
            obj.added_at, obj.added_by = now, _me(request).public_id
        super().save_model(request, obj, form, change)
        act = AccountAct.ALLOWED_ADDRESS_CHANGED if change else AccountAct.ALLOWED_ADDRESS_ADDED
        self._journal(request, act, obj)

    def delete_model(self, request: HttpRequest, obj: AllowedAddress) -> None:
        self._journal(request, AccountAct.ALLOWED_ADDRESS_REMOVED, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AllowedAddress]) -> None:
        for row in queryset:
            self._journal(request, AccountAct.ALLOWED_ADDRESS_REMOVED, row)
        super().delete_queryset(request, queryset)

    def _journal(self, request: HttpRequest, act: AccountAct, row: AllowedAddress) -> None:
        write_journal_entry(
            act,
            actor=Actor.staff(_me(request)),
            object_type="allowed_address",
            object_id=str(row.pk),
            detail={"pattern": row.pattern},
            now=timezone.now(),
        )


class _ToReview(admin.SimpleListFilter):
    """Three years after the block, or after it was last maintained."""

    title = "réexamen"
    parameter_name = "reexamen"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("a-revoir", "À revoir")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        due = block_list.select_blocks_to_review(timezone.now()).values("pk")
        return queryset.filter(pk__in=due) if self.value() == "a-revoir" else queryset


_REASONS = [("", "Choisissez un motif"), *DeactivationReason.choices]


class LiftForm(forms.Form):
    """Why the block ends: a code for the journal."""

    reason = forms.ChoiceField(label="Motif", choices=_REASONS)


class BlockForm(forms.ModelForm[BlockedPerson]):
    """The address is read once, hashed, and kept nowhere."""

    address = forms.EmailField(
        label="Adresse e-mail",
        help_text="Seule une empreinte en est gardée\u00a0: notez ailleurs, si besoin, de qui il "
        "s’agit. Un compte qui existe à cette adresse reste ouvert\u00a0: il se suspend sur sa "
        "page.",
    )
    reason = forms.ChoiceField(label="Motif", choices=_REASONS)

    class Meta:
        model = BlockedPerson
        fields = ("reason",)


@admin.register(BlockedPerson)
class BlockedPersonAdmin(ReadOnlyAdmin):
    """Keyed hashes; nobody can be read from them. The reviews are a page of `lifecycle`.

    National administrators block an address and lift a block here, by the verbs of `blocklist`:
    adding is Django's right to add, lifting its right to delete, which has no page of its own.
    """

    add_title = "Bloquer une adresse"
    change_form_template = "admin/accounts/blockedperson/change_form.html"
    people = ("blocked_by", "reviewed_by")
    list_display = (
        "short_digest", "reason_label", "blocked_at", "blocker", "reviewed_at", "maintainer",
    )  # fmt: skip
    list_filter = (_ToReview,)
    fields = ("digest", "reason_label", "blocked_at", "blocker", "reviewed_at", "maintainer")
    readonly_fields = fields
    ordering = ("-blocked_at",)
    show_full_result_count = False

    @admin.display(description="empreinte", ordering="digest")
    def short_digest(self, block: BlockedPerson) -> str:
        return f"{block.digest[:12]}…"

    @admin.display(description="motif", ordering="reason")
    def reason_label(self, block: BlockedPerson) -> str:
        return label_of_reason(block)

    @admin.display(description="bloquée par")
    def blocker(self, block: BlockedPerson) -> str:
        return self.name_of(block, "blocked_by")

    @admin.display(description="maintenue par")
    def maintainer(self, block: BlockedPerson) -> str:
        return self.name_of(block, "reviewed_by") if block.reviewed_at is not None else ""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _me(request).has_perm("accounts.add_blockedperson")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("address", "reason") if obj is None else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else self.readonly_fields

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = BlockForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        lift = path(
            "<int:object_id>/lever/",
            self.admin_site.admin_view(LiftActView.as_view()),
            name="accounts_blockedperson_lift",
        )
        return [lift, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown = {"may_lift": _may_lift(request), **(extra_context or {})}
        try:
            return super().changeform_view(request, object_id, form_url, shown)
        except Refused as refusal:  # out of the page's transaction, which is undone by then
            messages.error(request, refusal.message)
            return HttpResponseRedirect(reverse("admin:accounts_blockedperson_add"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        row = block_list.block_address(
            **form.cleaned_data, actor=Actor.staff(_me(request)), now=timezone.now()
        )
        obj.pk, obj.digest, obj.blocked_at = row.pk, row.digest, row.blocked_at
        obj._state.adding = False
        obj.done_words = (
            "Adresse bloquée\u00a0: cette personne ne peut plus s’inscrire ni demander d’accès."
        )


class LiftActView(StaffActView[BlockedPerson]):
    acts: ClassVar = {
        "": StaffAct(
            label="Lever le blocage",
            warning="La personne de cette adresse pourra de nouveau s’inscrire et faire une "
            "demande. Un compte suspendu reste suspendu\u00a0: sa suspension se lève sur sa page.",
            form=LiftForm,
            verb=on_key(block_list.lift_block),
            done="Blocage levé\u00a0: cette personne peut de nouveau s’inscrire.",
        )
    }
    template_name = "admin/accounts/blockedperson/lift.html"

    def may_act(self) -> bool:
        return _may_lift(self.request)

    def get_row(self) -> BlockedPerson:
        return get_object_or_404(BlockedPerson, pk=self.kwargs["object_id"])

    def row_url(self) -> str:
        return reverse("admin:accounts_blockedperson_change", args=[self.row.pk])

    def done_url(self) -> str:
        return reverse("admin:accounts_blockedperson_changelist")

    refused_url = done_url

    def page_context(self) -> dict[str, Any]:
        digest = f"{self.row.digest[:12]}…"
        return {
            "crumbs": [("Personnes bloquées", self.done_url()), (digest, self.row_url())],
            "digest": digest,
            "since": french_date(self.row.blocked_at),
            "by": get_display_name(self.row.blocked_by),
            "why": label_of_reason(self.row),
        }


def label_of_reason(block: BlockedPerson) -> str:
    return str(dict(DeactivationReason.choices).get(block.reason, block.reason))


def _may_lift(request: HttpRequest) -> bool:
    return _me(request).has_perm("accounts.delete_blockedperson")


def _me(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("The administration has no anonymous pages.")
    return request.user
