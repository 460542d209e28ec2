"""Correcting one's own identity (R124), and asking for a right (R121)."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts import phones
from accounts.profile.enums import Right


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


class RightsForm(forms.Form):
    """One right, and what the person wants, in a few words."""

    right = forms.ChoiceField(
        label="Quel droit voulez-vous exercer\u202f?",
        choices=[
            (Right.ACCESS, "Accès\u00a0: savoir ce qui est enregistré sur moi"),
            (Right.RECTIFICATION, "Rectification\u00a0: corriger ou compléter une donnée"),
            (Right.ERASURE, "Effacement\u00a0: supprimer des données («\u00a0oubli\u00a0»)"),
            (Right.RESTRICTION, "Limitation\u00a0: geler l’usage de données pendant un examen"),
            (Right.OBJECTION, "Opposition\u00a0: refuser un usage de mes données"),
            (Right.PORTABILITY, "Portabilité\u00a0: recevoir mes données pour les réutiliser"),
        ],
        error_messages={
            "required": "Choisissez un droit.",
            "invalid_choice": "Choisissez un droit de la liste.",
        },
        widget=forms.RadioSelect,
    )
    said = forms.CharField(
        label="Votre demande",
        max_length=2000,
        help_text="De quelles données s’agit-il, et que voulez-vous\u202f? N’envoyez pas de pièce "
        "d’identité\u00a0: votre compte suffit à vous reconnaître.",
        error_messages={
            "required": "Dites en quelques mots ce que vous demandez.",
            "max_length": "Soyez plus bref\u00a0: 2\u202f000\u00a0signes au plus.",
        },
        widget=forms.Textarea(attrs={"rows": 6}),
    )
