"""The admin of refusal reasons and document request templates."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.habilitations.reference.base_admin import TableAdmin
from registrations.requests.document_models import AskingTemplate
from registrations.requests.models import RefusalReason
from registrations.requests.placeholders import describe_placeholders, find_unknown_placeholders


class PlaceholderForm(forms.ModelForm[Any]):
    """Refuses unknown placeholders, which would otherwise block a refusal or an asking later."""

    def clean_text(self) -> str:
        return _validate_placeholders(self.cleaned_data["text"])

    def clean_message(self) -> str:
        return _validate_placeholders(self.cleaned_data["message"])


def _validate_placeholders(text: str) -> str:
    left = find_unknown_placeholders(text)
    if left:
        names = ", ".join(name if " " in name else f"{{{name}}}" for name in left)
        raise forms.ValidationError(
            f"Nom inconnu dans le texte\u00a0: {names}. "
            f"Noms connus\u00a0: {describe_placeholders()}."
        )
    return text


class PlaceholderAdmin(TableAdmin):
    """Of texts with placeholders, in the field `worded`."""

    form = PlaceholderForm
    worded: str
    search_fields = ("label", "code")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> type[forms.ModelForm[Any]]:
        help_text = f"Remplacés dans chaque demande\u00a0: {describe_placeholders()}."
        options["help_texts"] = {self.worded: help_text}
        return super().get_form(request, obj, change, **options)


@admin.register(RefusalReason)
class RefusalReasonAdmin(PlaceholderAdmin):
    """A reason in use cannot be deleted (PROTECT): staff untick « proposé » instead."""

    add_title = "Ajouter un motif"
    worded = "text"
    list_display = ("label", "may_resubmit", "enabled", "position")
    list_filter = ("enabled", "may_resubmit")
    fields = ("label", "code", "text", "may_resubmit", "enabled", "position")


@admin.register(AskingTemplate)
class AskingTemplateAdmin(PlaceholderAdmin):
    """The form that asks for documents starts with the first enabled template."""

    add_title = "Ajouter un modèle"
    worded = "message"
    list_display = ("label", "enabled", "position")
    list_filter = ("enabled",)
    fields = ("label", "code", "message", "documents", "enabled", "position")
