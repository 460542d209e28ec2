"""Correcting one's own identity (R124)."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts import phones


class NameField(forms.CharField):
    """A name on one line; what cannot be seen in it is dropped."""

    def to_python(self, value: Any) -> str:
        text = unicodedata.normalize("NFC", super().to_python(value) or "")
        kept = (" " if char.isspace() else char for char in text)
        seen = (char for char in kept if not unicodedata.category(char).startswith("C"))
        return " ".join("".join(seen).split())

    def validate(self, value: Any) -> None:
        super().validate(value)
        if not any(char.isalpha() for char in value):
            raise ValidationError("Un nom comporte des lettres.", code="letters")


class IdentityForm(forms.Form):
    """Names and telephone, as they will be from now on."""

    last_name = NameField(
        label="Nom",
        max_length=100,
        error_messages={"required": "Indiquez votre nom."},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    first_name = NameField(
        label="Prénom",
        max_length=100,
        error_messages={"required": "Indiquez votre prénom."},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    phone = forms.CharField(
        label="Téléphone",
        max_length=phones.MAX_TYPED,
        error_messages={"required": "Indiquez un numéro où vous joindre."},
        help_text="Exemple\u00a0: 01 99 00 12 34. Hors de France\u00a0: + et l’indicatif du pays.",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "w-phone"}),
    )

    def clean_phone(self) -> str:
        try:
            return phones.parse(self.cleaned_data["phone"]).e164
        except phones.InvalidPhone as error:
            raise ValidationError(error.message, error.code) from None
