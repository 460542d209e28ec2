"""Correcting one's own identity, and asking for a right."""

from django import forms

from accounts.people.fields import NameField, PhoneField
from accounts.profile.enums import Right


class IdentityForm(forms.Form):
    """Names and telephone, as they will be from now on: the enrolment form's own fields."""

    last_name = NameField(
        label="Nom",
        error_messages={"required": "Indiquez votre nom."},
        autocomplete="family-name",
    )
    first_name = NameField(
        label="Prénom",
        error_messages={"required": "Indiquez votre prénom."},
        autocomplete="given-name",
    )
    phone = PhoneField()


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
