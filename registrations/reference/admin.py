"""The admin of refusal reasons and document request templates."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.habilitations.reference.base_admin import TableAdmin
from registrations.requests.document_models import AskingTemplate
from registrations.requests.models import RefusalReason
from registrations.requests.placeholders import describe_placeholders, find_unknown_placeholders


class RefusalReasonForm(forms.ModelForm[RefusalReason]):
    """Refuses unknown placeholders, which would otherwise block a refusal later."""

    def clean_text(self) -> str:
        return _validate_placeholders(self.cleaned_data["text"])


class AskingTemplateForm(forms.ModelForm[AskingTemplate]):
    """Refuses unknown placeholders."""

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


@admin.register(RefusalReason)
class RefusalReasonAdmin(TableAdmin):
    """A reason in use cannot be deleted (PROTECT): staff untick « proposé » instead."""

    add_title = "Ajouter un motif"
    form = RefusalReasonForm
    list_display = ("label", "may_resubmit", "enabled", "position")
    list_filter = ("enabled", "may_resubmit")
    search_fields = ("label", "code")
    fields = ("label", "code", "text", "may_resubmit", "enabled", "position")

    def get_form(
        self,
        request: HttpRequest,
        obj: RefusalReason | None = None,
        change: bool = False,
        **options: Any,
    ) -> type[forms.ModelForm[RefusalReason]]:
        help_text = f"Remplacés dans chaque demande\u00a0: {describe_placeholders()}."
        options["help_texts"] = {"text": help_text}
        return super().get_form(request, obj, change, **options)


@admin.register(AskingTemplate)
class AskingTemplateAdmin(TableAdmin):
    """The form that asks for documents starts with the first enabled template."""

    add_title = "Ajouter un modèle"
    form = AskingTemplateForm
    list_display = ("label", "enabled", "position")
    list_filter = ("enabled",)
    search_fields = ("label", "code")
    fields = ("label", "code", "message", "documents", "enabled", "position")

    def get_form(
        self,
        request: HttpRequest,
        obj: AskingTemplate | None = None,
        change: bool = False,
        **options: Any,
    ) -> type[forms.ModelForm[AskingTemplate]]:
        options["help_texts"] = {
            "message": f"Remplacés dans chaque demande\u00a0: {describe_placeholders()}."
        }
        return super().get_form(request, obj, change, **options)
