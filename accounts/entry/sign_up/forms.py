"""What people type to get in. Every rule is elsewhere; here are fields, labels and messages."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.entry.login.forms import PasswordField
from accounts.entry.sign_up.flows import list_allowed_patterns
from accounts.passwords.rules import MIN_LENGTH, STAFF_MIN_LENGTH
from accounts.people.addresses import (
    check_nominative,
    fold_address,
    is_allowed,
    is_disposable,
    suggest_domain,
)
from accounts.people.fields import EXAMPLE, AddressField
from accounts.people.models import User

GENERIC = (
    "Cette adresse semble être celle d’un service ou d’une boîte partagée. "
    "Un compte est personnel\u00a0: indiquez une "
    f"adresse à votre nom, par exemple {EXAMPLE}."
)
TERMS_NEEDED = (
    "Pour créer votre compte, vous devez accepter les conditions générales d’utilisation\u00a0: "
    "cochez cette case."
)
TYPE_AGAIN = (
    "Saisissez de nouveau votre mot de passe, deux fois\u00a0: "
    "par sécurité, la page ne le garde pas."
)
DISPOSABLE = (
    "Cette adresse vient d’un fournisseur d’adresses jetables. Indiquez "
    "une adresse que vous relevez durablement\u00a0: "
    "la décision sur votre demande y sera envoyée."
)


class NominativeAddressForm(forms.Form):
    """An address at somebody's name. A suspected slip is shown once and never blocks (A5)."""

    email = AddressField(label="Adresse e-mail nominative")

    suggestion = ""

    def __init__(self, *args: Any, choice: str = "", **kwargs: Any) -> None:
        """`choice`: the answer to the suggestion, "use" or "keep"."""
        super().__init__(*args, **kwargs)
        self.choice = choice

    def clean_email(self) -> str:
        address: str = self.cleaned_data["email"]
        self.allowed = list_allowed_patterns()
        if not check_nominative(address, self.allowed).accepted:
            raise ValidationError(GENERIC, code="generic")
        return address

    def check_domain(self, values: dict[str, Any]) -> None:
        """Of `email`, which is clean: a slip is suggested, a throw-away mailbox refused."""
        address: str = values["email"]
        # Before the list of throw-away domains: it holds many a slip of the big providers' names.
        meant = suggest_domain(address) if settings.DOMAIN_TYPOS else ""
        if meant and self.choice == "use":
            values["email"] = meant
        elif meant and self.choice != "keep":
            self.suggestion = meant
        elif is_disposable(address) and not is_allowed(address, self.allowed):
            self.add_error("email", ValidationError(DISPOSABLE, code="disposable"))

    @property
    def contestable(self) -> bool:
        """Whether the address was refused for what it is, and not for how it is written."""
        errors = self.errors.as_data().get("email", ())
        return any(error.code in ("generic", "disposable") for error in errors)


class SignUpForm(NominativeAddressForm):
    """The address, twice."""

    email = AddressField(
        label="Votre adresse e-mail nominative",
        help_text=f"À votre nom, par exemple {EXAMPLE}. "
        "Pas une adresse partagée, comme contact@ ou compta@\u00a0: elle serait refusée.",
    )
    email2 = AddressField(
        label="Confirmez votre adresse e-mail",
        error_messages={"required": "Indiquez votre adresse e-mail une seconde fois."},
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        first, second = values.get("email"), values.get("email2")
        if not first or not second:
            self._say_once()
            return values
        if fold_address(first) != fold_address(second):
            self.add_error(
                "email2", "Les deux adresses sont différentes. Saisissez deux fois la même adresse."
            )
            return values
        self.check_domain(values)
        return values

    def _say_once(self) -> None:
        """The same slip twice is one mistake: it is told, and mended, at the first field."""
        first, second = (
            fold_address(str(self.data.get(self.add_prefix(name)) or ""))
            for name in ("email", "email2")
        )
        if "email" in self.errors and first and first == second:
            self.errors.pop("email2", None)


class AddressForm(forms.Form):
    """« Mot de passe oublié »: one address."""

    email = AddressField(label="Votre adresse e-mail")


class NewPasswordForm(forms.Form):
    """A password, twice, under the rules R22–R25."""

    password1 = PasswordField(
        autocomplete="new-password",
        label="Mot de passe",
        error_messages={"required": "Choisissez un mot de passe."},
    )
    password2 = PasswordField(
        autocomplete="new-password",
        label="Confirmez le mot de passe",
        error_messages={"required": "Saisissez le mot de passe une seconde fois."},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.least = STAFF_MIN_LENGTH if user.is_staff else MIN_LENGTH  # for the page's list
        self.fields["password1"].widget.attrs["aria-describedby"] = "password-rules"

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        # Compared as typed, even when a rule failed: both mistakes are shown at once.
        first, second = self.data.get(self.add_prefix("password1")), values.get("password2")
        if first and second and first != second:
            self.add_error("password2", "Les deux mots de passe sont différents.")
        return values


class CreatePasswordForm(NewPasswordForm):
    """The first password, with the terms: the box is never ticked beforehand."""

    terms = forms.BooleanField(
        label="J’accepte les Conditions Générales d’Utilisation",
        error_messages={"required": TERMS_NEEDED},
        # With JavaScript the page does not even leave: the passwords stay in their fields.
        widget=forms.CheckboxInput(attrs={"data-missing": TERMS_NEEDED}),
    )
    terms_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if "terms" in self.errors and not {"password1", "password2"} & set(self.errors):
            # They were right, but a page never holds a password: why the fields are empty.
            self.add_error("password1", TYPE_AGAIN)
        return values


class ChangePasswordForm(NewPasswordForm):
    """On the account page: the current password first."""

    current = PasswordField(
        autocomplete="current-password",
        label="Mot de passe actuel",
        error_messages={"required": "Indiquez votre mot de passe actuel."},
    )
    field_order = ("current", "password1", "password2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = "Nouveau mot de passe"
        self.fields["password2"].label = "Confirmez le nouveau mot de passe"
