"""The tokens of the API: made once, shown once, revoked here."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.habilitations.api import tokens
from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.enums import Scope
from accounts.habilitations.reference.base_admin import (
    VerbAdmin,
    build_checkboxes,
    format_labels,
)
from mgestion.admin.titles import EmptyValueFilter
from mgestion.journal.actors import Actor
from mgestion.text.dates import PARIS


class TokenForm(forms.ModelForm[ApiToken]):
    scopes = build_checkboxes(
        "Droits",
        Scope.choices,
        required=True,
        error_messages={"required": "Choisissez au moins un droit."},
    )
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
            end = datetime.combine(day, time(23, 59, 59), PARIS)
            now = timezone.now()
            if not now < end <= now + settings.API_TOKEN_LIFE:
                self.add_error("expires_on", "Choisissez un jour à venir, dans l’année.")
            cleaned["expires_at"] = end
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


class _Revoked(EmptyValueFilter):
    said_title = "état"
    words = ("Tout", "Pas révoqué", "Révoqué")


@admin.register(ApiToken)
class ApiTokenAdmin(VerbAdmin):
    """Made once, shown once, revoked here."""

    add_title = "Créer un jeton"
    form = RevokeForm
    add_form = TokenForm
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
    _facts = ("platform", "label", "tail", "rights", "created_at", "expires_at", "last_used_at")

    @admin.display(description="droits")
    def rights(self, token: ApiToken) -> str:
        return format_labels(token.scopes, Scope)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.revoked_at is None)

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
                tokens.revoke_token(obj.pk, actor=actor, now=now)
                obj.done_words = f"Jeton révoqué\u00a0: {obj}."
            return
        token, clear = tokens.create_token(
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
