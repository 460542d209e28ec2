"""The login form, and the password field of every form."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.utils import perform_login
from django import forms
from django.http import HttpRequest, HttpResponse

from accounts.entry.login.flows import CountedTry
from accounts.people.addresses import clean_address

_LONGEST_PASSWORD = 1000  # far above the rule's 128, so that the rule gives its own message


class PasswordField(forms.CharField):
    """Masked, with a button that shows it; paste and password managers are welcome."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        widget = forms.PasswordInput(
            attrs={"autocomplete": autocomplete, "data-password-toggle": ""}
        )
        super().__init__(strip=False, max_length=_LONGEST_PASSWORD, widget=widget, **kwargs)


class LoginForm(AllauthLoginForm):
    """Module 1: exactly two inputs. allauth's own machinery behind them, under CAS's field
    names.
    """

    username = forms.CharField(
        label="E-mail / identifiant",
        max_length=254,
        error_messages={"required": "Indiquez votre adresse e-mail."},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "inputmode": "email",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )
    password = PasswordField(
        autocomplete="current-password",
        label="Mot de passe",
        error_messages={"required": "Indiquez votre mot de passe."},
    )

    remember = None  # allauth's
    field_order = ("username", "password")

    address = ""  # whose login it is, as typed or as proven
    counted: CountedTry  # by `clean`, which raises NetworkRefused

    def __init__(self, *args: Any, request: Any = None, **kwargs: Any) -> None:
        # Past allauth's own, which makes the fields of its page.
        forms.Form.__init__(self, *args, **kwargs)
        self.request = request
        self.address = str(self.data.get("username", ""))

    def user_credentials(self) -> dict[str, str]:
        return {
            "email": clean_address(self.cleaned_data["username"]),
            "password": self.cleaned_data["password"],
        }

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        # As allauth's, without its list of what was shown: it holds the address, in a session that
        # nobody could find by the person while the login waits for its second factor.
        response: HttpResponse = perform_login(request, self.user, redirect_url=redirect_url)
        return response

    def _clean_with_password(self, credentials: dict[str, str]) -> Any:
        # As allauth's, without its look-ups in a table of addresses that this project does not
        # fill.
        adapter = get_adapter(self.request)
        try:
            self.user = adapter.authenticate(self.request, **credentials)
        finally:
            self.counted = adapter.counted
        return self.cleaned_data
