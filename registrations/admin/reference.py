"""What the national administrator edits of this room: the reasons to refuse (D11)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.habilitations.admin.base import TableAdmin
from registrations.models import RefusalReason
from registrations.placeholders import legend, unknown


class ReasonForm(forms.ModelForm[RefusalReason]):
    """A placeholder that no request can fill is refused here, before it stops a refusal."""

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        left = unknown(text)
        if left:
            names = ", ".join(name if " " in name else f"{{{name}}}" for name in left)
            raise forms.ValidationError(
                f"Nom inconnu dans le texte\u00a0: {names}. Noms connus\u00a0: {legend()}."
            )
        return text


@admin.register(RefusalReason)
class RefusalReasonAdmin(TableAdmin):
    """A reason in use cannot be deleted (the database protects it): untick « proposé »."""

    form = ReasonForm
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
        help_text = f"Remplacés dans chaque demande\u00a0: {legend()}."
        options["help_texts"] = {"text": help_text}
        return super().get_form(request, obj, change, **options)
