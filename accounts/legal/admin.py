"""Versions of the terms: drafted here by the national administrator, published by `flows.publish`
(R67, D37); acceptances, to read.
"""

from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.habilitations.admin.base import ReadOnlyAdmin
from accounts.legal import difference, flows, flows_requests, markup
from accounts.legal.models import (
    TermsAcceptance,
    TermsRequest,
    TermsVersion,
    TermsWithdrawal,
)
from accounts.legal.views_gate import previous
from accounts.models import User
from mgestion.admin_titles import Titled
from mgestion.dates import french_date, paris_date, start_of_paris_day
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.web.kept_typing import posted_or_kept

# Terms are announced weeks ahead, not years: later than this is rather a slip of the keyboard.
_FAR = timedelta(days=183)


class DraftForm(forms.ModelForm[TermsVersion]):
    """A draft says at once what would keep it from being published."""

    class Meta:
        model = TermsVersion
        fields = ("slug", "label", "requires_acceptance", "body")
        widgets = {  # Django's own way to say it
            "body": forms.Textarea(attrs={"rows": 28, "class": "vLargeTextField"}),
        }

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug in flows.RESERVED:
            raise forms.ValidationError(f"L’identifiant «\u00a0{slug}\u00a0» est réservé.")
        return slug

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"]
        found = markup.faults(body)
        if found:
            raise forms.ValidationError(found)
        return body


class PublishForm(forms.Form):
    """From which day: at 0 h in Paris, tomorrow at the earliest (nobody is bound backwards)."""

    effective = forms.DateField(
        label="En vigueur à partir du",
        help_text="À 0\u00a0h, heure de Paris. Laissez aux personnes le temps de lire.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
    )
    far = forms.BooleanField(label="Oui, cette date est la bonne", required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.asks_far = False  # whether the page shows the box

    def clean(self) -> dict[str, Any]:
        """A mistyped year is asked about: everybody would be told of it at once."""
        cleaned = super().clean() or {}
        day = cleaned.get("effective")
        self.asks_far = day is not None and day > self.today + _FAR
        if self.asks_far and day is not None and not cleaned.get("far"):
            self.add_error(
                "far",
                f"Le {french_date(day)} est dans plus de six mois\u00a0: vérifiez l’année, puis "
                "cochez la case si c’est bien cette date.",
            )
        return cleaned


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label="Pourquoi",
        help_text="Pour les agents\u00a0: une date erronée, un texte à revoir…",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Dites pourquoi cette version est retirée."},
    )


@admin.register(TermsVersion)
class TermsVersionAdmin(Titled):
    """A published version is only read: the verbs and the database refuse the rest (R68)."""

    add_title = "Rédiger une version"
    form = DraftForm
    one_button: ClassVar = {"show_save_and_add_another": False}  # a long text is saved on the way
    actions = None
    list_display = ("label", "since", "published_at", "requires_acceptance", "demonstration")
    list_filter = ("demonstration",)
    search_fields = ("label", "slug")
    search_help_text = "Intitulé ou identifiant."
    change_form_template = "admin/legal/termsversion/change_form.html"

    list_select_related = ("withdrawal",)

    @admin.display(description="en vigueur à partir du", ordering="effective_at")
    def since(self, version: TermsVersion) -> str:
        if getattr(version, "withdrawal", None) is not None:
            return "Retirée"
        return french_date(version.effective_at) if version.effective_at else ""

    def view_on_site(self, version: TermsVersion) -> str | None:
        """Where everybody reads it, once it is published."""
        if version.published_at is None or getattr(version, "withdrawal", None) is not None:
            return None
        return reverse("legal:terms_version", args=[version.slug])

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _is_draft(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_draft(obj)

    def get_urls(self) -> list[URLPattern]:
        publish = path(
            "<int:version_id>/publier/",
            self.admin_site.admin_view(self.publish_view),
            name="legal_termsversion_publish",
        )
        withdraw = path(
            "<int:version_id>/retirer/",
            self.admin_site.admin_view(self.withdraw_view),
            name="legal_termsversion_withdraw",
        )
        return [publish, withdraw, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **more: Any
    ) -> Any:
        row = context.get("original")
        if row is not None:
            context["withdrawal"] = TermsWithdrawal.objects.filter(version=row).first()
            context["may_withdraw"] = (
                super().has_change_permission(request, row) and row.published_at is not None
            ) and flows.may_withdraw(row, timezone.now())
        return super().render_change_form(request, context, *args, **more)

    def withdraw_view(self, request: HttpRequest, version_id: int) -> HttpResponse:
        """A version that is not in force yet: one button, and those who were told are told."""
        version = get_object_or_404(TermsVersion, pk=version_id)
        agent = request.user
        if not isinstance(agent, User) or not super().has_change_permission(request, version):
            raise PermissionDenied
        back = reverse("admin:legal_termsversion_change", args=[version.pk])
        if not flows.may_withdraw(version, timezone.now()):
            messages.warning(
                request, "Seule une version publiée qui n’est pas encore en vigueur se retire."
            )
            return HttpResponseRedirect(back)
        form = WithdrawForm(posted_or_kept(request))
        if request.method == "POST" and form.is_valid():
            try:
                flows.withdraw(
                    version,
                    reason=form.cleaned_data["reason"],
                    actor=Actor.staff(agent),
                    now=timezone.now(),
                )
            except Refused as refusal:
                messages.warning(request, refusal.message)
            else:
                messages.success(
                    request,
                    f"«\u00a0{version.label}\u00a0» est retirée. Les personnes déjà prévenues le "
                    "sont de son retrait.",
                )
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Retirer «\u00a0{version.label}\u00a0»",
            "opts": self.opts,
            "version": version,
            "form": form,
            "back": back,
        }
        return TemplateResponse(request, "admin/legal/termsversion/withdraw.html", context)

    def publish_view(self, request: HttpRequest, version_id: int) -> HttpResponse:
        """The text, what it changes, the date: one button, and it never changes again."""
        version = get_object_or_404(TermsVersion, pk=version_id)
        agent = request.user
        if not isinstance(agent, User) or not super().has_change_permission(request, version):
            raise PermissionDenied
        back = reverse("admin:legal_termsversion_change", args=[version.pk])
        if version.published_at is not None:
            messages.warning(request, "Cette version est déjà publiée\u00a0: elle ne change plus.")
            return HttpResponseRedirect(back)
        now = timezone.now()
        proposed = paris_date(now) + timedelta(days=30)
        form = PublishForm(
            posted_or_kept(request),
            initial={"effective": proposed},
            today=paris_date(now),
        )
        if request.method == "POST" and form.is_valid():
            day = form.cleaned_data["effective"]
            try:
                flows.publish(
                    version,
                    effective_at=start_of_paris_day(day),
                    actor=Actor.staff(agent),
                    now=now,
                )
            except Refused as refusal:
                form.add_error("effective", refusal.message)
            else:
                messages.success(
                    request,
                    f"«\u00a0{version.label}\u00a0» est publiée et s’applique à partir du "
                    f"{french_date(day)}. Les personnes en sont prévenues par e-mail.",
                )
                return HttpResponseRedirect(back)
        before = previous(version)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Publier «\u00a0{version.label}\u00a0»",
            "opts": self.opts,
            "version": version,
            "form": form,
            "back": back,
            "previous": before,
            "changes": difference.changes(before.body, version.body) if before else (),
            "terms_html": "" if markup.faults(version.body) else markup.dressed(version.body),
        }
        return TemplateResponse(request, "admin/legal/termsversion/publish.html", context)


def _is_draft(version: TermsVersion | None) -> bool:
    return version is None or version.published_at is None


@admin.register(TermsAcceptance)
class TermsAcceptanceAdmin(ReadOnlyAdmin):
    list_display = ("person", "version", "where", "accepted_at", "short_digest")
    list_filter = ("version", "where")
    list_select_related = ("user", "version")
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


class VersionField(forms.ModelChoiceField[TermsVersion]):
    """Each version with its day: one that is to come is not the one in force."""

    def label_from_instance(self, obj: TermsVersion) -> str:
        if obj.effective_at is None:
            return str(obj)
        to_come = obj.effective_at > timezone.now()
        verb = "entrera en vigueur le" if to_come else "entrée en vigueur le"
        return f"{obj} – {verb} {french_date(obj.effective_at)}"


class AnswerForm(forms.Form):
    """A version of the archive, or words; both if one wants."""

    version = VersionField(
        TermsVersion.objects.none(),
        label="Version à envoyer",
        required=False,
        empty_label="Aucune\u00a0: je réponds par un texte",
        help_text="L’e-mail mène à sa page, qui est datée et ne change plus.",
    )
    text = forms.CharField(
        label="Texte à joindre",
        max_length=20_000,
        required=False,
        help_text="Pour une version qui n’est pas sur le portail\u00a0: copiez-en le texte ici.",
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["version"]
        field.queryset = TermsVersion.objects.published().defer("body")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("version") and not cleaned.get("text"):
            raise forms.ValidationError("Choisissez une version, ou écrivez une réponse.")
        return cleaned


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
    """Who asked for a version that the archive page does not hold; one act answers (R69)."""

    list_display = ("asked", "email", "created_at", "version", "answered_at")
    list_filter = (WaitingFilter,)
    list_select_related = ("version",)
    search_fields = ("email_key",)
    search_help_text = "Adresse e-mail de la personne, ou une partie."
    fields = ("asked", "email", "created_at", "version", "answer", "answered_at")
    change_form_template = "admin/legal/termsrequest/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        answer = path(
            "<uuid:request_id>/repondre/",
            self.admin_site.admin_view(self.answer_view),
            name="legal_termsrequest_answer",
        )
        return [answer, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **more: Any
    ) -> Any:
        row = context["original"]
        context["may_answer"] = row.answered_at is None and _may_answer(request)
        return super().render_change_form(request, context, *args, **more)

    def answer_view(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        row = get_object_or_404(TermsRequest, pk=request_id)
        agent = request.user
        if not isinstance(agent, User) or not _may_answer(request):
            raise PermissionDenied
        back = reverse("admin:legal_termsrequest_change", args=[row.pk])
        form = AnswerForm(posted_or_kept(request))
        if row.answered_at is not None:
            messages.warning(request, "Une réponse est déjà partie pour cette demande.")
            return HttpResponseRedirect(back)
        if request.method == "POST" and form.is_valid():
            try:
                flows_requests.answer(
                    row.pk, actor=Actor.staff(agent), now=timezone.now(), **form.cleaned_data
                )
            except Refused as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, f"La réponse part par e-mail à {row.email}.")
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": "Répondre à une demande de version",
            "opts": self.opts,
            "form": form,
            "row": row,
            "back": back,
        }
        return TemplateResponse(request, "admin/legal/termsrequest/answer.html", context)


def _may_answer(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("legal.change_termsrequest"))
