"""Establishments: read, and added by an agent before any request."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone

from accounts.habilitations.accesses.establishment_flows import add_establishment
from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.accesses.orphan_filter import WithoutAdministrator
from accounts.habilitations.accesses.querysets import in_staff_scope, may_see_establishment
from accounts.habilitations.accesses.search_words import match_establishments
from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.reference.base_admin import (
    DelegationFilter,
    ReadOnlyAdmin,
    VerbAdmin,
)
from accounts.habilitations.staff.permissions import get_staff
from mgestion.admin.titles import PortalModelAdmin
from mgestion.journal.actors import Actor
from mgestion.templatetags.portal import siret
from mgestion.text.siret import InvalidSiret, parse_siret


class AddEstablishmentForm(forms.ModelForm[Establishment]):
    """What a request would have said of it, and why an agent says it instead."""

    number = forms.CharField(label="SIRET", max_length=20, help_text="14 chiffres.")
    reason = forms.CharField(
        label="Motif",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="Pourquoi il est ajouté sans demande. Il est gardé dans le journal.",
    )
    staff: Any = None  # the agent, set by the admin

    class Meta:
        model = Establishment
        fields = ("kind", "name", "department", "branch")
        help_texts: ClassVar = {"branch": "Pour une entreprise seulement."}

    def clean_number(self) -> str:
        try:
            return parse_siret(self.cleaned_data["number"])
        except InvalidSiret as error:
            raise forms.ValidationError(error.message) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind, branch = cleaned.get("kind"), cleaned.get("branch")
        if kind == EstablishmentKind.ENTREPRISE and branch is None and "branch" not in self.errors:
            self.add_error("branch", "Choisissez la branche de cette entreprise.")
        if kind and kind != EstablishmentKind.ENTREPRISE and branch is not None:
            self.add_error("branch", "Seule une entreprise a une branche.")
        known = Establishment.objects.filter(siret=cleaned.get("number", ""), kind=kind or "")
        if known.exists():
            self.add_error("number", "Cet établissement existe déjà, avec ce type.")
        department = cleaned.get("department")
        if department and not may_see_establishment(self.staff, department, kind or "", branch):
            self.add_error("department", "Ce département n’est pas dans votre périmètre.")
        return cleaned


@admin.register(Establishment)
class EstablishmentAdmin(ReadOnlyAdmin, VerbAdmin):
    """A reviewer reads and adds those of their scope only, by id too: the queryset is what every
    view starts from.
    """

    add_title = "Ajouter un établissement"
    list_display = ("name", "number", "kind", "department", "branch", "created_at")
    list_filter = (
        WithoutAdministrator,
        "kind",
        "branch",
        ("department__delegation", DelegationFilter),
    )
    list_select_related = ("department", "branch")
    search_fields = ("siret",)  # shows the box; what it looks for is `match_establishments`
    search_help_text = "Début du SIRET, ou début d’un mot de la raison sociale."

    @admin.display(description="SIRET", ordering="siret")
    def number(self, place: Establishment) -> str:
        return siret(place.siret)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("number", "kind", "name", "department", "branch", "reason")
        return ("name", "number", "kind", "department", "branch", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("number",) if obj is not None else ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return PortalModelAdmin.has_add_permission(self, request)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            options = {"staff": get_staff(request.user)}
            kwargs["form"] = type("ScopedEstablishmentForm", (AddEstablishmentForm,), options)
        return super().get_form(request, obj, change=change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        given = form.cleaned_data
        place = add_establishment(
            siret=given["number"],
            kind=given["kind"],
            name=given["name"],
            department=given["department"],
            branch=given["branch"],
            reason=given["reason"],
            actor=Actor.staff(request.user),  # type: ignore[arg-type]  # never anonymous
            now=timezone.now(),
        )
        obj.pk, obj._state.adding = place.pk, False
        obj.siret = place.siret
        obj.done_words = f"Établissement ajouté\u00a0: {place}. Vous pouvez y accorder un accès."

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return redirect("admin:habilitations_establishment_change", obj.pk)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(match_establishments(search_term)), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(in_staff_scope(get_staff(request.user)))
