"""Accesses: granted, changed and ended by staff, with a reason. The pages call the verbs."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.habilitations import flows
from accounts.habilitations.admin.registry import or_say_why
from accounts.habilitations.enums import EndReason, EstablishmentKind, Role
from accounts.habilitations.models import Access, Establishment, Platform
from accounts.habilitations.permissions import staff_of
from accounts.habilitations.querysets import MGESTION, establishments_in_scope
from accounts.models import User
from mgestion.journal.actors import Actor
from mgestion.templatetags.portal import siret


class RoleForm(forms.ModelForm[Access]):
    """The role of an open access, or its end."""

    reason = forms.CharField(
        label="Motif du changement",
        max_length=300,
        required=False,
        help_text="Obligatoire pour changer le rôle.",
    )
    end = forms.ChoiceField(
        label="Mettre fin à cet accès",
        required=False,
        choices=[("", "Non, il reste ouvert"), *EndReason.choices],
    )

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
        return cleaned


class GrantForm(RoleForm):
    """The person and the establishment are named by what staff has before its eyes."""

    email = forms.EmailField(label="Adresse e-mail du compte")
    platform = forms.ModelChoiceField(
        label="Plateforme", queryset=Platform.objects.filter(enabled=True)
    )
    number = forms.CharField(
        label="SIRET", max_length=20, help_text="Un établissement qui a déjà une demande acceptée."
    )
    kind = forms.ChoiceField(
        label="Type d’établissement",
        choices=[
            choice
            for choice in EstablishmentKind.choices
            if choice[0] != EstablishmentKind.CABINET_COMPTABLE
        ],
    )
    reason = forms.CharField(label="Motif", max_length=300)
    end = None  # type: ignore[assignment]  # Django's way to drop an inherited field
    scope: Any = None  # the establishments of the agent, set by the admin

    def clean_email(self) -> User:
        user = User.objects.with_address(self.cleaned_data["email"])
        if user is None or not user.is_active:
            raise forms.ValidationError("Aucun compte actif n’a cette adresse.")
        return user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        digits = "".join(cleaned.get("number", "").split())
        found = (
            Establishment.objects.filter(self.scope, siret=digits, kind=cleaned.get("kind")).first()
            if digits
            else None
        )
        if digits and found is None:
            self.add_error("number", "Aucun établissement de votre périmètre n’a ce numéro.")
        cleaned["establishment"] = found
        return cleaned


@admin.register(Access)
class AccessAdmin(admin.ModelAdmin[Access]):
    """A reviewer reads and changes those of his scope only, by id too."""

    list_display = ("user", "platform", "role", "place", "granted_at", "ended_at")
    list_filter = ("platform", "role", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("user", "platform", "establishment")
    search_fields = ("user__email_key", "user__last_name", "establishment__siret__startswith")
    search_help_text = "Adresse e-mail, nom ou début du SIRET"
    ordering = ("-granted_at",)
    actions = None
    _facts = ("user", "platform", "place", "granted_at", "grant_reason")

    @admin.display(description="établissement")
    def place(self, access: Access) -> str:
        return f"{access.establishment.name} ({siret(access.establishment.siret)})"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rule = establishments_in_scope(staff_of(request.user), "establishment__")
        return super().get_queryset(request).filter(rule)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.ended_at is None)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is not None:
            kwargs["form"] = RoleForm
            return super().get_form(request, obj, change=change, **kwargs)
        kwargs["form"] = type(
            "ScopedGrantForm",
            (GrantForm,),
            {"scope": establishments_in_scope(staff_of(request.user))},
        )
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("email", "platform", "number", "kind", "role", "dashboard", "reason")
        if not self.has_change_permission(request, obj):
            return (*self._facts, "role", "dashboard", "ended_at")
        return (*self._facts, "role", "dashboard", "reason", "end")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self._facts, "ended_at") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        given, now = form.cleaned_data, timezone.now()
        actor = Actor.staff(request.user)  # type: ignore[arg-type]  # never anonymous
        if change and given["end"]:
            flows.end_access(obj.pk, actor=actor, reason=given["end"], now=now)
            return
        access = flows.grant(
            user=obj.user if change else given["email"],
            platform_code=(obj.platform if change else given["platform"]).code,
            role=given["role"],
            establishment=obj.establishment if change else given["establishment"],
            dashboard=given["dashboard"] or "",
            actor=actor,
            reason=given["reason"],
            now=now,
        )
        obj.pk, obj._state.adding = access.pk, False
        obj.user, obj.platform, obj.establishment = (
            access.user,
            access.platform,
            access.establishment,
        )

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return or_say_why(self, request, super().changeform_view, *args, **kwargs)

    # The journal tells it; Django's own log would keep names in a text that nothing erases.
    def log_addition(self, *args: Any) -> None: ...  # type: ignore[override]

    def log_change(self, *args: Any) -> None: ...  # type: ignore[override]
