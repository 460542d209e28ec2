"""The form of another address: the sign-up's rules, and the password."""

from typing import Any

from django.core.exceptions import ValidationError

from accounts.entry.login.forms import PasswordField
from accounts.entry.sign_up.forms import SignUpForm
from accounts.people.addresses import clean_address
from accounts.people.models import User


class ChangeAddressForm(SignUpForm):
    """Nominative, not disposable, typed twice alike; the current password first."""

    current = PasswordField(
        autocomplete="current-password",
        label="Mot de passe actuel",
        error_messages={"required": "Indiquez votre mot de passe actuel."},
    )
    field_order = ("current", "email", "email2")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["email"].label = "Nouvelle adresse e-mail nominative"
        self.fields["email2"].label = "Confirmez la nouvelle adresse"

    def clean_email(self) -> str:
        address = super().clean_email()
        if clean_address(address) == self.user.email:
            raise ValidationError("C’est déjà votre adresse.", code="same")
        return address
