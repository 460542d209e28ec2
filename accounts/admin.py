"""The staff's pages of this room: people, read-only, and the addresses that are let through."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts import blocklist
from accounts.addresses import fold
from accounts.enums import DeactivationReason
from accounts.models import AllowedAddress, BlockedPerson, User
from mgestion import slots
from mgestion.admin_titles import Titled
from mgestion.journal import flows as journal
from mgestion.journal.actors import Actor


class _ReadOnly:
    """Looked at here, changed by verbs only."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(_ReadOnly, Titled):
    """Who has an account, and where it stands. No password is ever set here (S19)."""

    list_display = ("email", "last_name", "first_name", "status", "created_at", "last_activity_at")
    list_filter = ("status", "is_staff")
    search_fields = ("email_key",)
    search_help_text = "Début de l’adresse e-mail, du nom ou du prénom."
    ordering = ("-created_at",)
    show_full_result_count = False
    fields = (
        "email",
        "first_name",
        "last_name",
        "phone",
        "status",
        "status_since",
        "revivable_until",
        "created_at",
        "last_login",
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
        context["panels"] = [panel(request, user, now) for _, panel in slots.user_panels.items()]
        return super().render_change_form(request, context, *args, **more)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """By the beginning of the folded address, of the name or of the first name."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = (
            queryset.filter(email_key__startswith=fold(term))
            | queryset.filter(last_name__istartswith=term)
            | queryset.filter(first_name__istartswith=term)
        )
        return found, False

    @admin.display(description="journal")
    def journal_link(self, user: User) -> str:
        return format_html(
            '<a href="{}?q={}">Ce que le journal dit de ce compte</a>',
            reverse("admin:journal_entry_changelist"),
            user.public_id,
        )


@admin.register(AllowedAddress)
class AllowedAddressAdmin(Titled):
    """Addresses wrongly refused at sign-up (D13)."""

    list_display = ("pattern", "reason", "added_at")
    search_fields = ("pattern",)
    fields = ("pattern", "reason", "added_by", "added_at")
    readonly_fields = ("added_by", "added_at")

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
        self._journal(request, "changed" if change else "added", obj)

    def delete_model(self, request: HttpRequest, obj: AllowedAddress) -> None:
        self._journal(request, "removed", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AllowedAddress]) -> None:
        for row in queryset:
            self._journal(request, "removed", row)
        super().delete_queryset(request, queryset)

    # The journal tells it; Django's own log would keep the address in a text of its own.
    def log_addition(self, *args: Any) -> None: ...  # type: ignore[override]

    def log_change(self, *args: Any) -> None: ...  # type: ignore[override]

    def log_deletions(self, *args: Any) -> None: ...  # type: ignore[override]

    def _journal(self, request: HttpRequest, what: str, row: AllowedAddress) -> None:
        journal.record(
            f"allowed_address.{what}",
            actor=Actor.staff(_me(request)),
            object_type="allowed_address",
            object_id=str(row.pk),
            detail={"pattern": row.pattern},
            now=timezone.now(),
        )


class _ToReview(admin.SimpleListFilter):
    """Three years after the block, or after it was last maintained (D62)."""

    title = "réexamen"
    parameter_name = "reexamen"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("a-revoir", "À revoir")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "a-revoir":
            return queryset.filter(pk__in=blocklist.to_review(timezone.now()).values("pk"))
        return queryset


@admin.register(BlockedPerson)
class BlockedPersonAdmin(_ReadOnly, Titled):
    """Keyed hashes; nobody can be read from them (D29). The reviews are a page of `lifecycle`."""

    list_display = ("short_digest", "reason_label", "blocked_at", "reviewed_at")
    list_filter = (_ToReview,)
    fields = ("digest", "reason_label", "blocked_at", "reviewed_at")
    readonly_fields = fields
    ordering = ("-blocked_at",)
    show_full_result_count = False

    @admin.display(description="empreinte", ordering="digest")
    def short_digest(self, block: BlockedPerson) -> str:
        return f"{block.digest[:12]}…"

    @admin.display(description="motif", ordering="reason")
    def reason_label(self, block: BlockedPerson) -> str:
        return str(dict(DeactivationReason.choices).get(block.reason, block.reason))


def _me(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("The administration has no anonymous pages.")
    return request.user
