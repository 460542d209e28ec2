"""The registry of platforms: what each is, how it is entered, what it is told."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.habilitations.acts import HabilitationAct
from accounts.habilitations.enums import Attribute, Principal, Role
from accounts.habilitations.platforms import cas_services
from accounts.habilitations.platforms.models import Platform, ServiceRule
from accounts.habilitations.reference.base_admin import TableAdmin, build_checkboxes, format_labels
from mgestion.text.dates import french_moment

_SAID = ("roles_said", "attributes_said")


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

    roles = build_checkboxes(
        "Rôles connus", Role.choices, "Ceux que la page d’accès refusé annonce."
    )
    attributes = build_checkboxes(
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
            if (
                cas_services.parse_service_address(url) is None
                or not cas_services.is_secure_address(url)
                or set("?#") & set(url)
            ):
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
        if url and (
            cas_services.parse_service_address(url) is None
            or not cas_services.is_secure_address(url)
        ):
            raise forms.ValidationError("Indiquez une adresse complète en https.")
        return url


class ServiceRuleForm(forms.ModelForm[ServiceRule]):
    class Meta:
        model = ServiceRule
        fields = ("origin", "path")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        faults = cas_services.find_rule_faults(cleaned.get("origin", ""), cleaned.get("path", ""))
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


class ServiceAddressForm(forms.Form):
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
                    "idle_logout",
                    "slo_url",
                )
            },
        ),
        ("Mandataire", {"fields": ("may_proxy", "proxy_callbacks")}),
        ("API", {"fields": ("api_enabled", "pushed")}),
    )

    @admin.display(description="dernière activité transmise")
    def pushed(self, platform: Platform) -> str:
        """What `lifecycle` waits for before it warns anybody."""
        last = platform.activity_pushed_at
        return french_moment(last) if last else "Jamais"

    @admin.display(description="rôles connus")
    def roles_said(self, platform: Platform) -> str:
        return format_labels(platform.roles, Role)

    @admin.display(description="attributs transmis")
    def attributes_said(self, platform: Platform) -> str:
        return format_labels(platform.attributes, Attribute)

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
        form = ServiceAddressForm(request.GET or None)
        said = (
            cas_services.explain_service_address(form.cleaned_data["address"])
            if form.is_valid()
            else None
        )
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
            self._journal_rules(request, form.instance, formset)
        self._warn(request, form.instance)

    def _journal_rules(self, request: HttpRequest, platform: Platform, formset: Any) -> None:
        added = [str(row) for row in formset.new_objects]
        changed = [str(row) for row, _ in formset.changed_objects]
        deleted = [str(row) for row in formset.deleted_objects]
        if added or changed or deleted:
            detail = {"added": added, "changed": changed, "deleted": deleted}
            self._journal(HabilitationAct.REFERENCE_RULES_CHANGED, request, platform, detail)

    def _warn(self, request: HttpRequest, platform: Platform) -> None:
        if platform.principal == Principal.EMAIL:
            self.message_user(
                request,
                "Cette plateforme reçoit l’adresse e-mail comme identifiant : une adresse change, "
                "et peut un jour appartenir à une autre personne.",
                messages.WARNING,
            )
        if platform.entry_url and cas_services.match_platform(platform.entry_url) != platform:
            self.message_user(
                request,
                "L’adresse de service d’entrée n’est couverte par aucune adresse de service de "
                "cette plateforme\u00a0: la tuile mènerait à un refus.",
                messages.WARNING,
            )
