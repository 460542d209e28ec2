"""What people type about their second factor."""

from typing import Any

from django import forms

from accounts.entry.login.forms import PasswordField


class CodeField(forms.CharField):
    """Six digits of an application, or eight of a recovery code; typed with or without spaces."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "class": "w-code",
            }
        )
        super().__init__(
            max_length=20,
            widget=widget,
            error_messages={"required": "Saisissez le code."},
            **kwargs,
        )


class CodeForm(forms.Form):
    """The code that an application shows now, or a recovery code."""

    code = CodeField(
        label="Code de votre application",
        help_text="Six chiffres. Sans votre téléphone, saisissez un code de secours (huit "
        "chiffres).",
    )

    def __init__(
        self, *args: Any, application: bool = True, optional: bool = False, **kwargs: Any
    ) -> None:
        """`optional`: something else than a code was posted."""
        super().__init__(*args, **kwargs)
        self.fields["code"].required = not optional
        if not application:
            ask_recovery_code_only(self.fields["code"])


def ask_recovery_code_only(field: forms.Field) -> None:
    """Whoever has passkeys and no application has these codes only."""
    field.label = "Code de secours"
    field.help_text = "Huit chiffres\u00a0: l’un des dix codes que vous avez gardés."


class FirstCodeForm(forms.Form):
    """The first code: it proves that the application has understood the secret."""

    code = CodeField(label="Code affiché par l’application", help_text="Six chiffres.")


class MailedCodeForm(forms.Form):
    """The code of the mail that has just left."""

    code = CodeField(label="Code reçu par e-mail", help_text="Huit chiffres.")


class ConfirmForm(forms.Form):
    """What is still missing before something sensitive: the password, a code, or both."""

    password = PasswordField(
        autocomplete="current-password",
        label="Mot de passe actuel",
        error_messages={"required": "Indiquez votre mot de passe actuel."},
    )
    code = CodeField(
        label="Code de votre application",
        help_text="Six chiffres, ou un code de secours (huit chiffres).",
    )

    def __init__(
        self,
        *args: Any,
        password: bool,
        code: bool,
        application: bool = True,
        optional: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not application:
            ask_recovery_code_only(self.fields["code"])
        for field in self.fields.values():
            field.required = not optional
        for name, asked in (("password", password), ("code", code)):
            if not asked:
                del self.fields[name]
