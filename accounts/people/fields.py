"""Form fields about a person: who they are, where they are reached. One rule for every form."""

import unicodedata
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from accounts.people import phones
from accounts.people.addresses import (
    clean_address,
    find_address_fault,
    is_public_mailbox,
    unwrap_address,
)

EXAMPLE: Final = "prenom.nom@votre-entreprise.fr"
NAME_SIGNS: Final = " .'’ʼ-‐‑·"


class MailboxValidator(EmailValidator):
    """Django's rule, and that mail can be sent there, under one key (`is_mailbox`)."""

    def __call__(self, value: Any) -> None:
        super().__call__(value)
        if not is_public_mailbox(str(value)):
            raise ValidationError(self.message, code=self.code, params={"value": value})


class AddressField(forms.EmailField):
    """An e-mail address; what was pasted around it by accident is dropped before it is checked."""

    default_validators = [MailboxValidator()]
    default_error_messages = {
        "required": "Indiquez votre adresse e-mail.",
        "invalid": f"Cette adresse e-mail n’est pas valable. Exemple\u00a0: {EXAMPLE}.",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        super().__init__(**kwargs)
        self.widget.attrs.update(
            {"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"}
        )

    def to_python(self, value: Any) -> str:
        return str(super().to_python(unwrap_address(clean_address(str(value or "")))))

    def run_validators(self, value: Any) -> None:
        try:
            super().run_validators(value)
        except ValidationError as error:
            found = find_address_fault(str(value))
            if not found or error.error_list[0].code != "invalid":
                raise
            message = f"Cette adresse e-mail n’est pas valable. {found} Exemple\u00a0: {EXAMPLE}."
            raise ValidationError(message, code="invalid") from None


def clean_line(value: str) -> str:
    """One line of text: composed, without control or invisible characters, single spaces."""
    kept = (
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char
        for char in unicodedata.normalize("NFC", value)
        if unicodedata.category(char) not in ("Cf", "Co", "Cs", "Cn")
    )
    return " ".join("".join(kept).split())


class LineField(forms.CharField):
    """Text on one line, as `clean_line` leaves it."""

    def to_python(self, value: Any) -> str:
        return clean_line(super().to_python(value) or "")


class NameField(LineField):
    """A first or last name: letters, and the signs that names have."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": autocomplete})
        super().__init__(max_length=100, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        # A phone turns a hyphen into a dash.
        return super().to_python(value).replace("\N{EN DASH}", "-")

    def validate(self, value: Any) -> None:
        super().validate(value)
        signs = all(unicodedata.category(char)[0] in "LM" or char in NAME_SIGNS for char in value)
        if value and not (signs and any(char.isalpha() for char in value)):
            raise ValidationError(
                "Utilisez des lettres, des espaces, des traits d’union et des apostrophes.", "name"
            )


class PhoneField(forms.CharField):
    """A telephone number; its value is E.164."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Téléphone",
            max_length=phones.MAX_TYPED,
            error_messages={"required": "Indiquez un numéro où vous joindre."},
            help_text="Exemple\u00a0: 01 99 00 12 34. Hors de France\u00a0: + et l’indicatif du "
            "pays.",
            widget=forms.TelInput(attrs={"autocomplete": "tel", "class": "w-phone"}),
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return phones.parse_phone(typed).e164 if typed else ""
        except phones.InvalidPhone as error:
            raise ValidationError(error.message, error.code) from None
