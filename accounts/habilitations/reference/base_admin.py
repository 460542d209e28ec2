"""What the admin pages of the reference tables share."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet, TextChoices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from accounts.habilitations.acts import HabilitationAct
from accounts.habilitations.reference.models import shorten_delegation_name
from accounts.habilitations.reference.querysets import list_unrouted_choices
from accounts.habilitations.staff.permissions import get_staff, may_configure
from accounts.people.addresses import fold_address
from accounts.people.models import User
from accounts.people.naming import find_names, get_display_name
from mgestion.admin.titles import PortalModelAdmin, RecordAdmin
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.staff_acts import StaffActView


def build_checkboxes(
    label: str, choices: Any, help_text: str = "", *, required: bool = False, **named: Any
) -> forms.MultipleChoiceField:
    """A list of codes as boxes to tick."""
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        required=required,
        widget=forms.CheckboxSelectMultiple,
        help_text=help_text,
        **named,
    )


def format_labels(codes: Iterable[str], choices: type[TextChoices]) -> str:
    """The French of a stored list, for those who only read it."""
    known = dict(choices.choices)
    return ", ".join(str(known.get(code, code)) for code in codes) or "Aucun"


class DelegationFilter(admin.RelatedFieldListFilter):
    """By the region: every délégation’s name begins with the same two words."""

    def field_choices(self, field: Any, request: Any, model_admin: Any) -> Any:
        listed = super().field_choices(field, request, model_admin)
        return [(str(key), shorten_delegation_name(str(name))) for key, name in listed]


class VerbAdmin(PortalModelAdmin):
    """Rows that are written by verbs. A verb's refusal becomes a message on the list: its
    transaction is undone by then.
    """

    actions = None
    add_form: type[forms.ModelForm[Any]] | None = None  # where it is not that of a change

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        if obj is None and self.add_form is not None:
            options["form"] = self.add_form
        return super().get_form(request, obj, change=change, **options)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refusal:
            return self._show_refusal(request, refusal)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().delete_view(request, *args, **kwargs)
        except Refused as refusal:
            return self._show_refusal(request, refusal)

    def _show_refusal(self, request: HttpRequest, refusal: Refused) -> HttpResponse:
        self.message_user(request, refusal.message, messages.ERROR)
        return redirect(self._page("changelist"))


class KnownRoleForm(forms.ModelForm[Any]):
    """A row of a role on a platform that knows it."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        platform = cleaned.get("platform") or (self.instance.pk and self.instance.platform)
        role = cleaned.get("role")
        if platform and role and platform.roles and role not in platform.roles:
            self.add_error(
                "role", f"{platform} ne connaît pas ce rôle\u00a0: ajoutez-le d’abord à sa fiche."
            )
        return cleaned


class AddressSearch:
    """A list searched by address: what is typed is read as accounts' keys are."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = fold_address(search_term) if "@" in search_term else search_term
        found: tuple[QuerySet[Any], bool] = super().get_search_results(request, queryset, term)  # type: ignore[misc]  # of the ModelAdmin that follows
        return found


class ReadOnlyAdmin(AddressSearch, RecordAdmin):
    """Rows that verbs write: here they are only read. `people`: the fields that hold references of
    people, whose names a list looks up at once.
    """

    actions = None
    people: tuple[str, ...] = ()

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page = super().get_changelist_instance(request)
        if self.people:
            rows = list(page.result_list)
            names = find_names(getattr(row, name) for row in rows for name in self.people)
            for row in rows:
                row.names = names
            page.result_list = rows
        return page

    def name_of(self, row: Any, field: str) -> str:
        return get_display_name(getattr(row, field), getattr(row, "names", None))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Every field as text, without building the form that nobody may send."""
        return self.fields or [field.name for field in self.opts.fields if not field.primary_key]


class AccountActView(StaffActView[User]):
    """Acts of national administrators on one account, found by its public id."""

    template_name = "admin/accounts/user/act.html"

    def may_act(self) -> bool:
        return may_configure(get_staff(self.request.user))

    def get_row(self) -> User:
        return get_object_or_404(User, public_id=self.kwargs["public_id"])

    def row_url(self) -> str:
        return reverse("admin:accounts_user_change", args=[self.row.pk])

    def page_context(self) -> dict[str, Any]:
        return {"crumbs": [(self.row.email, self.row_url())]}


class TableAdmin(PortalModelAdmin):
    """A table that the national administrator edits. Each change is in the journal; the code never
    changes.

    Its list says what no longer has a destination.
    """

    actions = None
    list_per_page = 120
    search_help_text = "Nom ou code."
    show_facets = admin.ShowFacets.NEVER
    fixed_fields: tuple[str, ...] = ("code",)  # what a row is known by: of a new one only
    deleted_word = "code"  # how the journal names what a deleted row was

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fixed_fields if obj is not None else ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(
            request, {**(extra_context or {}), "unrouted": list_unrouted_choices()}
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            # What was edited and no more: a counter of the row may have moved since it was read.
            columns = {field.name for field in obj._meta.concrete_fields}
            obj.save(update_fields=[name for name in form.changed_data if name in columns])
        else:
            super().save_model(request, obj, form, change)
        values = {name: str(form.cleaned_data[name]) for name in form.changed_data}
        before = {name: str(form.initial.get(name)) for name in form.changed_data} if change else {}
        act = HabilitationAct.REFERENCE_CHANGED if change else HabilitationAct.REFERENCE_ADDED
        self._journal(act, request, obj, {"before": before, "after": values})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        detail = {self.deleted_word: str(getattr(obj, "code", obj))}
        self._journal(HabilitationAct.REFERENCE_DELETED, request, obj, detail)
        super().delete_model(request, obj)

    def _journal(
        self, act: HabilitationAct, request: HttpRequest, obj: Any, detail: dict[str, Any]
    ) -> None:
        write_journal_entry(
            act,
            actor=Actor.staff(request.user),  # type: ignore[arg-type]  # never anonymous
            object_type=self.model._meta.model_name or "",
            object_id=str(obj.pk),
            detail=detail,
            now=timezone.now(),
        )
