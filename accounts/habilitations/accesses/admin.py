"""Accesses: granted, changed and ended by staff, with a reason. The pages call the verbs."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.habilitations.accesses import flows
from accounts.habilitations.accesses.access_acts import AccessActView, render_access_acts
from accounts.habilitations.accesses.access_forms import (
    GrantForm,
    RoleForm,
    SuspendedForm,
    word_change,
)
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.accesses.querysets import in_staff_scope
from accounts.habilitations.accesses.search_words import match_accesses
from accounts.habilitations.platforms.roles import build_roles_page
from accounts.habilitations.reference.base_admin import AddressSearch, VerbAdmin
from accounts.habilitations.staff.permissions import get_staff
from accounts.people.naming import get_display_name
from mgestion.journal.actors import Actor
from mgestion.templatetags.portal import siret
from mgestion.text.dates import french_moment


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
class AccessAdmin(AddressSearch, VerbAdmin):
    """A reviewer reads and changes those of their scope only, by id too."""

    add_title = "Accorder un accès"
    list_display = ("user", "platform", "role", "place", "granted_at", "state")
    list_filter = (StateFilter, "platform", "role")
    list_select_related = ("user", "platform", "establishment")
    search_fields = ("pk",)  # shows the box; what it looks for is `match_accesses`
    search_help_text = (
        "Adresse e-mail, nom, raison sociale ou SIRET\u00a0: le début d’un mot ou du numéro suffit."
    )
    ordering = ("-granted_at",)

    class Media:
        js = ("js/role-options.js",)

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
        if not search_term.strip():
            return queryset, False
        return queryset.filter(match_accesses(search_term)), False

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
        scope = {"scope": in_staff_scope(get_staff(request.user))}
        kwargs["form"] = type("ScopedGrantForm", (GrantForm,), scope)
        if obj is not None:
            kwargs["form"] = SuspendedForm if obj.suspended_at else RoleForm
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
            replacing=given["before"],
        )
        obj.pk, obj._state.adding = access.pk, False
        obj.user, obj.platform = access.user, access.platform
        obj.establishment = access.establishment
        obj.done_words = f"Accès accordé\u00a0: {access.user}, {access}."
        if given["before"] == (role, dashboard):
            obj.done_words = f"Rien n’a changé\u00a0: {access.user} a déjà cet accès ({access})."
        elif given["before"]:
            old_role, old_dashboard = given["before"]
            changed = word_change("devient", old_role, old_dashboard, role, dashboard)
            obj.done_words = f"Rôle remplacé\u00a0: {access.user}, {access.platform}. {changed}"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        access = kwargs.get("obj")
        if access is not None and self.has_change_permission(request, access):
            context["acts_html"] = render_access_acts(request, access)
        page: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return page

    def get_urls(self) -> list[URLPattern]:
        act = path(
            "<uuid:public_id>/acte/<slug:word>/",
            self.admin_site.admin_view(AccessActView.as_view()),
            name="habilitations_access_act",
        )
        return [act, *super().get_urls()]
