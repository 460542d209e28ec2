"""Versions of the terms and of platforms' specific conditions: drafted here by the national
administrator, published by `flows.publish_version`; acceptances, to read.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.base_admin import ReadOnlyAdmin
from accounts.legal import plain_terms
from accounts.legal.acts_terms import (
    AnswerActView,
    PublishActView,
    WithdrawActView,
    may_answer,
    may_publish,
)
from accounts.legal.models import (
    TermsAcceptance,
    TermsRequest,
    TermsVersion,
    TermsWithdrawal,
)
from accounts.legal.terms import flows, markup
from accounts.legal.terms.documents import LegalDocument
from mgestion.admin.titles import PortalModelAdmin
from mgestion.text.dates import french_date
from mgestion.web.links import read_carried_query


class TermsTextField(forms.CharField):
    """Shows and takes a text without tags; keeps HTML. HTML that such a text cannot write is shown
    as it is.
    """

    widget = forms.Textarea(attrs={"rows": 28, "class": "vLargeTextField"})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) and plain_terms.is_html(value):
            return plain_terms.read_terms_text(value) or value
        return value

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text if plain_terms.is_html(text) else plain_terms.write_terms_html(text)


class DraftForm(forms.ModelForm[TermsVersion]):
    """A draft says at once what would keep it from being published."""

    body = TermsTextField(
        label="Texte",
        help_text="Collez ou écrivez le texte\u00a0: une ligne est un paragraphe. «\u00a0#\u00a0» "
        "et «\u00a0##\u00a0» en début de ligne font un titre et un sous-titre, "
        "«\u00a0-\u00a0» un élément de liste, **des mots en gras**, "
        "[un lien](https://exemple.fr). «\u00a0Relire et publier\u00a0» le montre tel qu’il sera "
        "lu. Du HTML reste possible.",
    )

    class Meta:
        model = TermsVersion
        help_texts: ClassVar = {
            "slug": "Dans l’adresse de la page\u202f; un seul pour tous les documents. "
            "Exemple\u00a0: m-campus-avril-2026",
            "requires_acceptance": "À décocher pour une correction qui n’engage à rien de plus.",
        }
        fields = ("platform", "slug", "label", "requires_acceptance", "body")

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug in flows.RESERVED:
            raise forms.ValidationError(f"L’identifiant «\u00a0{slug}\u00a0» est réservé.")
        return slug

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"]
        found = markup.list_markup_faults(body)
        if found:
            raise forms.ValidationError(found)
        return body


class DocumentFilter(admin.SimpleListFilter):
    title = "document"
    parameter_name = "document"
    _GENERAL = "cgu"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        written = TermsVersion.objects.filter(platform=OuterRef("pk"))
        platforms = Platform.objects.filter(Exists(written)).values_list("code", "name")
        return [(self._GENERAL, LegalDocument().title), *platforms]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        if self.value() == self._GENERAL:
            return queryset.filter(platform__isnull=True)
        return queryset.filter(platform__code=self.value())


@admin.register(TermsVersion)
class TermsVersionAdmin(PortalModelAdmin):
    """A published version is only read: the verbs and the database refuse the rest."""

    add_title = "Rédiger une version"
    form = DraftForm
    one_button: ClassVar = {"show_save_and_add_another": False}  # a long text is saved on the way
    actions = None
    list_display = (
        *("label", "document", "since", "published_at", "requires_acceptance", "demonstration"),
    )
    list_filter = (DocumentFilter, "demonstration")
    search_fields = ("label", "slug", "platform__name")
    search_help_text = "Intitulé, identifiant ou plateforme."
    change_form_template = "admin/legal/termsversion/change_form.html"

    list_select_related = ("withdrawal", "platform")

    @admin.display(description="document", ordering="platform__position")
    def document(self, version: TermsVersion) -> str:
        return version.document.title

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs["empty_label"] = f"{LegalDocument().title} (partout)"
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="en vigueur à partir du", ordering="effective_at")
    def since(self, version: TermsVersion) -> str:
        if getattr(version, "withdrawal", None) is not None:
            return "Retirée"
        return french_date(version.effective_at) if version.effective_at else "Brouillon"

    def view_on_site(self, version: TermsVersion) -> str | None:
        """Where everybody reads it, once it is published."""
        if version.published_at is None or getattr(version, "withdrawal", None) is not None:
            return None
        return version.get_absolute_url()

    def get_fields(self, request: HttpRequest, obj: TermsVersion | None = None) -> Any:
        """A published version with its dates."""
        asked = ("platform", "slug", "label", *self.get_readonly_fields(request, obj))
        return (*asked, "requires_acceptance", "body")

    def get_readonly_fields(
        self, request: HttpRequest, obj: TermsVersion | None = None
    ) -> tuple[str, ...]:
        return () if _is_draft(obj) else ("since", "published_at")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The document that the list, where « Rédiger une version » stands, was filtered by."""
        filters = read_carried_query(request.GET.get("_changelist_filters", ""))
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        code = filters.get(DocumentFilter.parameter_name, "")
        platform = Platform.objects.filter(code=code).first() if code else None
        return {"platform": platform.pk, **initial} if platform else initial

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_publish(request) and _is_draft(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_draft(obj)

    def get_urls(self) -> list[URLPattern]:
        publish = path(
            "<int:version_id>/publier/",
            self.admin_site.admin_view(PublishActView.as_view()),
            name="legal_termsversion_publish",
        )
        withdraw = path(
            "<int:version_id>/retirer/",
            self.admin_site.admin_view(WithdrawActView.as_view()),
            name="legal_termsversion_withdraw",
        )
        return [publish, withdraw, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **more: Any
    ) -> Any:
        row = context.get("original")
        if row is not None:
            context["withdrawal"] = TermsWithdrawal.objects.filter(version=row).first()
            context["may_withdraw"] = may_publish(request) and flows.may_withdraw(
                row, timezone.now()
            )
        return super().render_change_form(request, context, *args, **more)


def _is_draft(version: TermsVersion | None) -> bool:
    return version is None or version.published_at is None


@admin.register(TermsAcceptance)
class TermsAcceptanceAdmin(ReadOnlyAdmin):
    list_display = ("person", "version", "where", "accepted_at", "short_digest")
    list_filter = ("version", "where")
    list_select_related = ("user", "version__platform")
    search_fields = ("user__email_key",)
    search_help_text = "Adresse e-mail de la personne, ou une partie."
    date_hierarchy = "accepted_at"
    fields = ("person", "version", "where", "accepted_at", "digest")
    readonly_fields = ("person",)

    @admin.display(description="empreinte du texte", ordering="digest")
    def short_digest(self, acceptance: TermsAcceptance) -> str:
        return f"{acceptance.digest[:12]}…" if acceptance.digest else ""

    @admin.display(description="personne", ordering="user")
    def person(self, acceptance: TermsAcceptance) -> str:
        return str(acceptance.user)


class WaitingFilter(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("attente", "À traiter"), ("envoyees", "Réponse envoyée")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "attente":
                return queryset.filter(answered_at__isnull=True)
            case "envoyees":
                return queryset.filter(answered_at__isnull=False)
            case _:
                return queryset


@admin.register(TermsRequest)
class TermsRequestAdmin(ReadOnlyAdmin):
    """Who asked for a version that the archive page does not hold; one act answers."""

    list_display = ("asked", "document", "email", "created_at", "version", "answered_at")
    list_filter = (WaitingFilter,)
    list_select_related = ("platform", "version__platform")
    search_fields = ("email_key",)
    search_help_text = "Adresse e-mail de la personne, ou une partie."
    fields = ("document", "asked", "email", "created_at", "version", "answer", "answered_at")
    readonly_fields = ("document",)
    change_form_template = "admin/legal/termsrequest/change_form.html"

    @admin.display(description="document", ordering="platform__position")
    def document(self, request: TermsRequest) -> str:
        return request.document.title

    def get_urls(self) -> list[URLPattern]:
        answer = path(
            "<uuid:request_id>/repondre/",
            self.admin_site.admin_view(AnswerActView.as_view()),
            name="legal_termsrequest_answer",
        )
        return [answer, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **more: Any
    ) -> Any:
        row = context["original"]
        context["may_answer"] = row.answered_at is None and may_answer(request)
        return super().render_change_form(request, context, *args, **more)
