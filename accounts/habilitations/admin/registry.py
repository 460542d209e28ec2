"""The registry of platforms: what each is, how it is entered, what it is told; and its API
tokens.
"""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.habilitations import services, tokens
from accounts.habilitations.admin.base import TableAdmin, labels
from accounts.habilitations.enums import Attribute, Principal, Role, Scope
from accounts.habilitations.models import ApiToken, Platform, ServiceRule
from mgestion.admin_titles import Titled, Whether
from mgestion.dates import PARIS, french_moment
from mgestion.errors import Refused
from mgestion.journal.actors import Actor

_SAID = ("roles_said", "attributes_said")


def _boxes(label: str, choices: Any, help_text: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=help_text,
    )


class LinesField(forms.CharField):
    """A list of addresses, one a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = (line.strip() for line in str(value or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class PlatformForm(forms.ModelForm[Platform]):
    """Lists as boxes; addresses that may receive a ticket or a logout are in https."""

    roles = _boxes("Rôles connus", Role.choices, "Ceux que la page d’accès refusé annonce.")
    attributes = _boxes(
        "Attributs transmis",
        Attribute.choices,
        "Le strict nécessaire\u00a0: chaque attribut est une donnée personnelle confiée.",
    )

    proxy_callbacks = LinesField(
        label="Adresses de rappel du mandataire",
        required=False,
        max_length=2000,
        help_text=Platform._meta.get_field("proxy_callbacks").help_text,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )

    class Meta:
        model = Platform
        fields = ("code",)  # the admin names them all

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("may_proxy") and cleaned.get("proxy_callbacks") == []:
            self.add_error(
                "proxy_callbacks",
                "Indiquez au moins une adresse de rappel, ou retirez «\u00a0peut demander en "
                "mandataire\u00a0».",
            )
        return cleaned

    def clean_proxy_callbacks(self) -> list[str]:
        urls: list[str] = self.cleaned_data["proxy_callbacks"]
        for url in urls:
            if services.parse(url) is None or not services.secure(url) or set("?#") & set(url):
                raise forms.ValidationError(
                    f"Cette adresse n’est pas une adresse complète en https, sans paramètre\u00a0: "
                    f"{url}"
                )
        return urls

    def clean_slo_url(self) -> str:
        return self._address("slo_url")

    def clean_entry_url(self) -> str:
        return self._address("entry_url")

    def _address(self, name: str) -> str:
        url = str(self.cleaned_data[name])
        if url and (services.parse(url) is None or not services.secure(url)):
            raise forms.ValidationError("Indiquez une adresse complète en https.")
        return url


class ServiceRuleForm(forms.ModelForm[ServiceRule]):
    class Meta:
        model = ServiceRule
        fields = ("origin", "path")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        faults = services.rule_faults(cleaned.get("origin", ""), cleaned.get("path", ""))
        for field, said in faults.items():
            if field in cleaned:
                self.add_error(field, said)
        return cleaned


class ServiceRuleInline(admin.TabularInline[ServiceRule, Platform]):
    """One empty row at the end: a rule is added without a script."""

    model = ServiceRule
    form = ServiceRuleForm
    extra = 1
    template = "admin/habilitations/platform/addresses.html"


class AddressForm(forms.Form):
    address = forms.CharField(
        label="Adresse de service",
        max_length=4000,
        strip=False,
        widget=forms.TextInput(attrs={"class": "vLargeTextField", "spellcheck": "false"}),
    )


@admin.register(Platform)
class PlatformAdmin(TableAdmin):
    """A platform is closed, never deleted: what people did there stays true."""

    add_title = "Ajouter une plateforme"
    form = PlatformForm
    inlines = (ServiceRuleInline,)
    change_list_template = "admin/habilitations/platform/change_list.html"
    list_display = ("name", "code", "home_url", "counts_for_inactivity", "api_enabled", "enabled")
    list_filter = ("enabled", "counts_for_inactivity", "api_enabled")
    search_fields = ("name", "code")
    fieldsets = (
        (None, {"fields": ("code", "name", "description", "home_url", "contact_email")}),
        ("État", {"fields": ("enabled", "maintenance_message", "counts_for_inactivity")}),
        (
            "Mes services en ligne",
            {"fields": ("listed", "tile_title", "entry_url", "position", "roles")},
        ),
        (
            "Connexion unique",
            {
                "fields": (
                    "principal",
                    "attributes",
                    "attributes_on_v2",
                    "ticket_seconds",
                    "single_logout",
                    "slo_url",
                )
            },
        ),
        ("Mandataire", {"fields": ("may_proxy", "proxy_callbacks")}),
        ("API", {"fields": ("api_enabled", "pushed")}),
    )

    @admin.display(description="dernière activité transmise")
    def pushed(self, platform: Platform) -> str:
        """What `lifecycle` waits for before it warns anybody (D53)."""
        last = platform.activity_pushed_at
        return french_moment(last) if last else "Jamais"

    @admin.display(description="rôles connus")
    def roles_said(self, platform: Platform) -> str:
        return labels(platform.roles, Role)

    @admin.display(description="attributs transmis")
    def attributes_said(self, platform: Platform) -> str:
        return labels(platform.attributes, Attribute)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only reads them reads lists in French."""
        if self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        said = {"roles": "roles_said", "attributes": "attributes_said"}
        return [
            (title, {"fields": [said.get(str(name), str(name)) for name in options["fields"]]})
            for title, options in self.fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        shown = (*super().get_readonly_fields(request, obj), "pushed")
        return shown if self.has_change_permission(request, obj) else (*shown, *_SAID)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        test = self.admin_site.admin_view(self.test_address)
        return [path("essai/", test, name="habilitations_platform_test"), *super().get_urls()]

    def test_address(self, request: HttpRequest) -> HttpResponse:
        """Says what the registry makes of an address; reads only, and asks nothing of the
        platform.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = AddressForm(request.GET or None)
        said = services.explain(form.cleaned_data["address"]) if form.is_valid() else None
        context = {
            **self.admin_site.each_context(request),
            "title": "Essayer une adresse de service",
            "opts": self.opts,
            "form": form,
            "said": said,
        }
        return TemplateResponse(request, "admin/habilitations/platform/test_address.html", context)

    def save_related(
        self, request: HttpRequest, form: BaseModelForm[Any], formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            self._note_rules(request, form.instance, formset)
        self._warn(request, form.instance)

    def _note_rules(self, request: HttpRequest, platform: Platform, formset: Any) -> None:
        added = [str(row) for row in formset.new_objects]
        changed = [str(row) for row, _ in formset.changed_objects]
        deleted = [str(row) for row in formset.deleted_objects]
        if added or changed or deleted:
            detail = {"added": added, "changed": changed, "deleted": deleted}
            self._note("rules_changed", request, platform, detail)

    def _warn(self, request: HttpRequest, platform: Platform) -> None:
        if platform.principal == Principal.EMAIL:
            self.message_user(
                request,
                "Cette plateforme reçoit l’adresse e-mail comme identifiant : une adresse change, "
                "et peut un jour appartenir à une autre personne.",
                messages.WARNING,
            )
        if platform.entry_url and services.match(platform.entry_url) != platform:
            self.message_user(
                request,
                "L’adresse de service d’entrée n’est couverte par aucune adresse de service de "
                "cette plateforme\u00a0: la tuile mènerait à un refus.",
                messages.WARNING,
            )


class TokenForm(forms.ModelForm[ApiToken]):
    scopes = _boxes("Droits", Scope.choices)
    expires_on = forms.DateField(
        label="Dernier jour",
        help_text="Dans l’année. Le contact technique est prévenu 30\u00a0jours avant, puis "
        "7\u00a0jours avant et la veille.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    class Meta:
        model = ApiToken
        fields = ("platform", "label", "scopes")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        day = cleaned.get("expires_on")
        if day:
            cleaned["expires_at"] = datetime.combine(day, time(23, 59, 59), PARIS)
        return cleaned


class RevokeForm(forms.ModelForm[ApiToken]):
    revoke = forms.BooleanField(
        label="Révoquer ce jeton",
        required=False,
        help_text="Immédiat et définitif\u00a0: la plateforme ne peut plus appeler l’API avec lui.",
    )

    class Meta:
        model = ApiToken
        fields = ()


class _Revoked(Whether):
    said_title = "état"
    words = ("Tout", "Pas révoqué", "Révoqué")


@admin.register(ApiToken)
class ApiTokenAdmin(Titled):
    """Made once, shown once, revoked here."""

    add_title = "Créer un jeton"
    list_display = (
        "platform",
        "label",
        "rights",
        "tail",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    list_display_links = ("label",)
    list_filter = ("platform", ("revoked_at", _Revoked))
    list_select_related = ("platform",)
    actions = None
    _facts = ("platform", "label", "tail", "rights", "created_at", "expires_at", "last_used_at")

    @admin.display(description="droits")
    def rights(self, token: ApiToken) -> str:
        return labels(token.scopes, Scope)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.revoked_at is None)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["form"] = RevokeForm if obj else TokenForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("platform", "label", "scopes", "expires_on")
        return (*self._facts, "revoked_at" if obj.revoked_at else "revoke")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self._facts, "revoked_at") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor = Actor.staff(request.user)  # type: ignore[arg-type]  # never anonymous
        now = timezone.now()
        if change:
            obj.done_words = "Rien n’a changé\u00a0: le jeton reste valable."
            if form.cleaned_data["revoke"]:
                tokens.revoke(obj.pk, actor=actor, now=now)
                obj.done_words = f"Jeton révoqué\u00a0: {obj}."
            return
        token, clear = tokens.create(
            form.cleaned_data["platform"],
            label=form.cleaned_data["label"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.cleaned_data["expires_at"],
            actor=actor,
            now=now,
        )
        obj.pk, obj.platform, obj.tail = token.pk, token.platform, token.tail
        obj._state.adding = False
        obj.clear = clear

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        # In the answer to the form itself: a redirect would have to keep the token somewhere.
        context = {
            **self.admin_site.each_context(request),
            "title": "Le jeton est créé",
            "opts": self.opts,
            "token": obj,
            "clear": obj.clear,
        }
        return TemplateResponse(request, "admin/habilitations/apitoken/created.html", context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return or_say_why(self, request, super().changeform_view, *args, **kwargs)


def or_say_why(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    view: Callable[..., HttpResponse],
    *args: Any,
    **kwargs: Any,
) -> HttpResponse:
    """A verb's refusal becomes a message on the list: its transaction is undone by then."""
    try:
        return view(request, *args, **kwargs)
    except Refused as refusal:
        model_admin.message_user(request, refusal.message, messages.ERROR)
        name = model_admin.opts.model_name
        return redirect(f"admin:{model_admin.opts.app_label}_{name}_changelist")
