"""Accesses: granted, changed and ended by staff, with a reason. The pages call the verbs."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.habilitations.accesses import flows
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.accesses.querysets import in_staff_scope
from accounts.habilitations.enums import Dashboard, EndReason, EstablishmentKind, Role
from accounts.habilitations.platforms.mgestion_platforms import MGESTION
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.platforms.roles import build_roles_page
from accounts.habilitations.reference.base_admin import (
    AddressSearch,
    show_refusal,
    strip_separators,
)
from accounts.habilitations.staff.permissions import get_staff
from accounts.people.models import User
from accounts.people.naming import get_display_name
from mgestion.admin.titles import CHOOSE, PortalModelAdmin
from mgestion.journal.actors import Actor
from mgestion.templatetags.portal import siret
from mgestion.text.dates import french_moment


def _build_end_field(kept: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Mettre fin à cet accès", required=False, choices=[("", kept), *EndReason.choices]
    )


class RoleForm(forms.ModelForm[Access]):
    """The role of an open access, its suspension, or its end."""

    reason = forms.CharField(
        label="Motif du changement",
        max_length=300,
        required=False,
        help_text="Obligatoire pour changer le rôle.",
    )
    suspend = forms.BooleanField(
        label="Suspendre cet accès",
        required=False,
        help_text="Aussitôt, sur cette plateforme seulement\u202f; il se rétablit ici. La personne "
        "est prévenue par e-mail.",
    )
    said = forms.CharField(
        label="Motif de la suspension",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text="La personne reçoit ce texte et le lit sur ses pages.",
    )
    end = _build_end_field("Non, il reste ouvert")

    class Meta:
        model = Access
        fields = ("role", "dashboard")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        platform = cleaned.get("platform") or getattr(self.instance, "platform", None)
        role = cleaned.get("role")
        if platform and role and platform.roles and role not in platform.roles:
            known = ", ".join(str(Role(code).label) for code in platform.roles)
            self.add_error(
                "role", f"{platform} ne connaît pas ce rôle. Elle connaît\u00a0: {known}."
            )
        if platform and platform.code in MGESTION and not cleaned.get("dashboard"):
            self.add_error(
                "dashboard", "M-Gestion s’ouvre sur un tableau de bord\u00a0: choisissez-le."
            )
        changed = {"role", "dashboard"} & set(self.changed_data)
        if self.instance.pk and changed and not cleaned.get("end") and not cleaned.get("reason"):
            self.add_error("reason", "Dites pourquoi l’accès change.")
        self._check_suspension(cleaned)
        return cleaned

    def _check_suspension(self, cleaned: dict[str, Any]) -> None:
        suspend, said = cleaned.get("suspend"), (cleaned.get("said") or "").strip()
        if suspend and cleaned.get("end"):
            self.add_error("end", "Choisissez\u00a0: suspendre cet accès, ou y mettre fin.")
        if suspend and {"role", "dashboard"} & set(self.changed_data):
            self.add_error("suspend", "Changez le rôle, ou suspendez l’accès\u00a0: pas les deux.")
        if suspend and not said:
            self.add_error("said", "Dites pourquoi\u00a0: la personne reçoit ce texte.")
        if said and not suspend and "said" in self.fields:
            self.add_error("suspend", "Cochez cette case pour suspendre, ou effacez le motif.")


class SuspendedForm(forms.ModelForm[Access]):
    """A suspended access is given back, or is over for good."""

    restore = forms.BooleanField(
        label="Rétablir cet accès",
        required=False,
        help_text="Avec le rôle qu’il avait. La personne est prévenue par e-mail.",
    )
    end = _build_end_field("Non, il reste suspendu")

    class Meta:
        model = Access
        fields = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("restore") and cleaned.get("end"):
            self.add_error("end", "Choisissez\u00a0: rétablir cet accès, ou y mettre fin.")
        return cleaned


class GrantForm(RoleForm):
    """The person and the establishment are named by what staff has before its eyes."""

    email = forms.EmailField(label="Adresse e-mail du compte")
    platform = forms.ModelChoiceField(
        label="Plateforme",
        queryset=Platform.objects.filter(enabled=True),
        empty_label=CHOOSE,
    )
    number = forms.CharField(
        label="SIRET", max_length=20, help_text="Un établissement qui a déjà une demande acceptée."
    )
    kind = forms.ChoiceField(
        label="Type d’établissement",
        choices=[
            ("", CHOOSE),
            *(
                choice
                for choice in EstablishmentKind.choices
                if choice[0] != EstablishmentKind.CABINET_COMPTABLE
            ),
        ],
    )
    reason = forms.CharField(label="Motif", max_length=300)
    # Shown once the page has said what would be replaced.
    replace = forms.BooleanField(
        label="Remplacer l’accès de cette personne", required=False, widget=forms.HiddenInput
    )
    # Django's way to drop inherited fields.
    suspend = said = end = None  # type: ignore[assignment]
    scope: Any = None  # the establishments of the agent, set by the admin

    def clean_email(self) -> User:
        user = User.objects.with_address(self.cleaned_data["email"])
        if user is None or not user.is_active:
            raise forms.ValidationError("Aucun compte actif n’a cette adresse.")
        return user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        digits = strip_separators(cleaned.get("number", ""))
        found = (
            Establishment.objects.filter(self.scope, siret=digits, kind=cleaned.get("kind")).first()
            if digits
            else None
        )
        if digits and found is None:
            self.add_error("number", "Aucun établissement de votre périmètre n’a ce numéro.")
        cleaned["establishment"] = found
        cleaned["before"] = self._check_replacement(cleaned)
        return cleaned

    def _check_replacement(self, cleaned: dict[str, Any]) -> tuple[str, str] | None:
        """The role and the dashboard of the access that is open already; replacing them is asked
        for by name.
        """
        user, platform, place = (
            cleaned.get(name) for name in ("email", "platform", "establishment")
        )
        if not (user and platform and place):
            return None
        held = (
            Access.objects.open().filter(user=user, platform=platform, establishment=place).first()
        )
        if held is None:
            return None
        role, dashboard = cleaned.get("role"), cleaned.get("dashboard") or ""
        if role and (held.role, held.dashboard) != (role, dashboard):
            self.fields["replace"].widget = forms.CheckboxInput()
            if not cleaned.get("replace"):
                changed = _word_change("deviendrait", held.role, held.dashboard, role, dashboard)
                self.add_error(
                    "replace",
                    f"{user} a déjà un accès à {platform} pour cet établissement. "
                    f"{changed} Cochez cette case pour le remplacer, ou corrigez votre choix.",
                )
        return held.role, held.dashboard


def _word_change(verb: str, old_role: str, old_dashboard: str, role: str, dashboard: str) -> str:
    """« Le rôle « A » devient « B ». », for a person who reads; `verb`: before, or once done."""
    said = []
    if old_role != role:
        said.append(_word_new_value("Le rôle", verb, Role(old_role).label, Role(role).label))
    if old_dashboard != dashboard:
        labels = dict(Dashboard.choices)
        old, new = labels.get(old_dashboard, "aucun"), labels.get(dashboard, "aucun")
        said.append(_word_new_value("Le tableau de bord", verb, old, new))
    return " ".join(said)


def _word_new_value(what: str, verb: str, old: str, new: str) -> str:
    return f"{what} «\u00a0{old}\u00a0» {verb} «\u00a0{new}\u00a0»."


class StateFilter(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"
    _rules: ClassVar = {
        "ouvert": Q(ended_at__isnull=True),
        "suspendu": Q(suspended_at__isnull=False),
        "termine": Q(ended_at__isnull=False, suspended_at__isnull=True),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("ouvert", "Ouverts"), ("suspendu", "Suspendus"), ("termine", "Terminés")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rule = self._rules.get(self.value() or "")
        return queryset.filter(rule) if rule is not None else queryset


@admin.register(Access)
class AccessAdmin(AddressSearch, PortalModelAdmin):
    """A reviewer reads and changes those of his scope only, by id too."""

    add_title = "Accorder un accès"
    list_display = ("user", "platform", "role", "place", "granted_at", "state")
    list_filter = (StateFilter, "platform", "role")
    list_select_related = ("user", "platform", "establishment")
    search_fields = ("user__email_key", "user__last_name", "establishment__siret__startswith")
    search_help_text = "Adresse e-mail, nom ou début du SIRET."
    ordering = ("-granted_at",)
    actions = None
    _facts = ("user", "platform", "place", "granted_at", "granter", "grant_reason", "state")
    _suspension = ("suspender", "suspension_reason")

    @admin.display(description="établissement")
    def place(self, access: Access) -> str:
        return f"{access.establishment.name} ({siret(access.establishment.siret)})"

    @admin.display(description="état", ordering="ended_at")
    def state(self, access: Access) -> str:
        if access.suspended_at is not None:
            return f"Suspendu depuis le {french_moment(access.suspended_at)}"
        if access.ended_at is not None:
            return f"Terminé le {french_moment(access.ended_at)}"
        return "Ouvert"

    @admin.display(description="accordé par")
    def granter(self, access: Access) -> str:
        return get_display_name(access.granted_by)

    @admin.display(description="suspendu par")
    def suspender(self, access: Access) -> str:
        return get_display_name(access.suspended_by)

    @admin.display(description="terminé par")
    def ender(self, access: Access) -> str:
        return get_display_name(access.ended_by)

    @admin.display(description="ce que permet chaque rôle")
    def known_roles(self, access: Access) -> str:
        return render_to_string(
            "admin/habilitations/access/roles.html", {"page": build_roles_page(access.platform)}
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        digits = strip_separators(search_term)
        return super().get_search_results(
            request, queryset, digits if digits.isdigit() else search_term
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rule = in_staff_scope(get_staff(request.user), "establishment__")
        return super().get_queryset(request).filter(rule)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        over = obj is not None and obj.ended_at is not None and obj.suspended_at is None
        return allowed and not over

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is not None:
            kwargs["form"] = SuspendedForm if obj.suspended_at else RoleForm
            return super().get_form(request, obj, change=change, **kwargs)
        kwargs["form"] = type(
            "ScopedGrantForm",
            (GrantForm,),
            {"scope": in_staff_scope(get_staff(request.user))},
        )
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            fields: tuple[str, ...] = ("email", "platform", "number", "kind")
            granted = ("role", "dashboard", "reason", "replace")
            return ((None, {"fields": fields}), ("Rôle", {"fields": granted}))
        if obj.suspended_at is not None:
            facts = (*self._facts, "role", "dashboard", *self._suspension)
            acts = ("restore", "end")
        elif obj.ended_at is not None:
            return ((None, {"fields": (*self._facts, "role", "dashboard", "ender")}),)
        elif self.has_change_permission(request, obj):
            return (
                (None, {"fields": self._facts}),
                ("Rôle", {"fields": ("role", "dashboard", "reason", "known_roles")}),
                ("Suspendre", {"fields": ("suspend", "said")}),
                ("Mettre fin", {"fields": ("end",)}),
            )
        else:
            return ((None, {"fields": (*self._facts, "role", "dashboard", "known_roles")}),)
        if not self.has_change_permission(request, obj):
            return ((None, {"fields": facts}),)
        return ((None, {"fields": facts}), ("Suite", {"fields": acts}))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        shown = (*self._facts, *self._suspension, "ender", "known_roles")
        return (*shown, "role", "dashboard") if obj.ended_at else shown

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        given, now = form.cleaned_data, timezone.now()
        actor = Actor.staff(request.user)  # type: ignore[arg-type]  # never anonymous
        if change and given["end"]:
            flows.end_access(obj.pk, actor=actor, reason=given["end"], now=now)
            obj.done_words = f"Accès terminé\u00a0: {obj.user}, {obj}."
            return
        if change and given.get("suspend"):
            flows.suspend_access(obj.pk, reason=given["said"], actor=actor, now=now)
            obj.done_words = f"Accès suspendu\u00a0: {obj.user}, {obj}. L’e-mail est mis en file."
            return
        if isinstance(form, SuspendedForm):
            if given["restore"]:
                flows.restore_access(obj.pk, actor=actor, now=now)
                obj.done_words = (
                    f"Accès rétabli\u00a0: {obj.user}, {obj}. L’e-mail est mis en file."
                )
            else:
                obj.done_words = "Rien n’a changé\u00a0: l’accès reste suspendu."
            return
        role, dashboard, reason = given["role"], given["dashboard"] or "", given["reason"]
        if change:
            flows.change_role(
                obj.pk, role=role, dashboard=dashboard, actor=actor, reason=reason, now=now
            )
            return
        access = flows.grant_access(
            user=given["email"],
            platform_code=given["platform"].code,
            role=role,
            establishment=given["establishment"],
            dashboard=dashboard,
            actor=actor,
            reason=reason,
            now=now,
        )
        obj.pk, obj._state.adding = access.pk, False
        obj.user, obj.platform, obj.establishment = (
            access.user,
            access.platform,
            access.establishment,
        )
        obj.done_words = f"Accès accordé\u00a0: {access.user}, {access}."
        if given["before"] == (role, dashboard):
            obj.done_words = f"Rien n’a changé\u00a0: {access.user} a déjà cet accès ({access})."
        elif given["before"]:
            old_role, old_dashboard = given["before"]
            changed = _word_change("devient", old_role, old_dashboard, role, dashboard)
            obj.done_words = f"Accès remplacé\u00a0: {access.user}, {access.platform}. {changed}"

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return show_refusal(self, request, super().changeform_view, *args, **kwargs)
