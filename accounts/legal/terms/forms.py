"""Asking for a version of the terms that is not on the page."""

import unicodedata

from django import forms
from django.core.exceptions import ValidationError

from accounts.people.addresses import fold_address
from accounts.people.fields import AddressField


class TermsRequestForm(forms.Form):
    """An address to answer to, and which version. Nothing else is asked."""

    asked = forms.CharField(
        label="Version demandée",
        max_length=200,
        help_text="Son nom ou une date. Exemple\u00a0: celle en vigueur en mars 2024",
        error_messages={
            "required": "Indiquez le nom ou la date de la version que vous cherchez.",
            "max_length": "Soyez plus bref\u00a0: 200\u00a0signes au plus.",
        },
    )
    email = AddressField(
        label="Votre adresse e-mail",
        help_text="Pour vous envoyer la version, et rien d’autre. Exemple\u00a0: "
        "prenom.nom@exemple.fr",
        error_messages={
            "required": "Indiquez l’adresse où vous envoyer la version.",
        },
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if len(fold_address(email)) > 254:
            raise ValidationError("Cette adresse est trop longue\u00a0: vérifiez-la.")
        return email

    def clean_asked(self) -> str:
        text = unicodedata.normalize("NFC", self.cleaned_data["asked"])
        kept = ("" if unicodedata.category(char).startswith("C") else char for char in text)
        asked = " ".join("".join(kept).split())
        if not asked:
            raise ValidationError("Indiquez le nom ou la date de la version que vous cherchez.")
        return asked
