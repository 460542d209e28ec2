"""The form of the review page: one choice per account, none preselected."""

from collections.abc import Sequence
from typing import Any

from django import forms

from registrations.establishments.access_reviews import ReviewLine
from registrations.establishments.role_flows import list_askable_roles
from registrations.requests.enums import ReviewChoice

KEEP_REST = "keep_rest"


class ReviewForm(forms.Form):
    """Two fields for each account to answer for: `choix-…` and `role-…`.

    The posted `shown` values list the accounts that were on the page: « conserver tous les comptes
    de cette page » applies to those only.
    """

    keep_rest = forms.BooleanField(
        label="Conserver tous les comptes de cette page pour lesquels je n’ai rien choisi",
        required=False,
    )

    def __init__(self, data: Any = None, *, lines: Sequence[ReviewLine]) -> None:
        super().__init__(data)
        self.lines = list(lines)
        for line in self.lines:
            person = line.row.person
            self.fields[get_choice_field_name(line)] = forms.ChoiceField(
                label=str(person),
                choices=ReviewChoice.choices,
                required=False,
                error_messages={"invalid_choice": "Choisissez l’une des trois réponses."},
            )
            self.fields[get_role_field_name(line)] = forms.ChoiceField(
                label=f"Rôle demandé pour {person}",
                choices=[
                    ("", "Choisissez un rôle"),
                    *(
                        (f"{access.pk}:{role}", f"{access.platform.name}\u00a0: {label}")
                        for access in line.row.accesses
                        for role, label in list_askable_roles(access)
                    ),
                ],
                required=False,
                error_messages={"invalid_choice": "Choisissez un rôle de cette liste."},
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        said = False
        for line in self.lines:
            choice, role = (
                data.get(get_choice_field_name(line)),
                data.get(get_role_field_name(line)),
            )
            said = said or bool(choice)
            if choice == ReviewChoice.ROLE and not role and get_role_field_name(line) in data:
                self.add_error(get_role_field_name(line), "Choisissez le rôle à demander.")
            elif role and choice != ReviewChoice.ROLE and get_choice_field_name(line) in data:
                self.add_error(
                    get_choice_field_name(line),
                    "Vous avez choisi un rôle\u00a0: cochez aussi «\u00a0Demander un autre "
                    "rôle\u00a0», ou videz la liste des rôles.",
                )
        if not said and not data.get(KEEP_REST) and not self.errors:
            raise forms.ValidationError(
                "Rien n’est choisi\u00a0: répondez pour un compte au moins, ou cochez la case qui "
                "conserve tous les comptes de la page."
            )
        return data

    def chosen(self, line: ReviewLine) -> str:
        """The choice for `line`, KEEP when the box for the rest is ticked; "" for none."""
        typed = str(self.cleaned_data.get(get_choice_field_name(line)) or "")
        return typed or (
            ReviewChoice.KEEP.value if line.asked and self.cleaned_data.get(KEEP_REST) else ""
        )

    def role_of(self, line: ReviewLine) -> tuple[int, str]:
        """(access, role) asked for `line`."""
        access_id, _, role = str(
            self.cleaned_data.get(get_role_field_name(line)) or "0:"
        ).partition(":")
        return int(access_id), role

    def rows(self) -> list[tuple[ReviewLine, Any, Any]]:
        """(line, field of the choice, field of the role), for the template."""
        return [
            (line, self[get_choice_field_name(line)], self[get_role_field_name(line)])
            for line in self.lines
        ]

    def typed(self) -> list[tuple[str, str]]:
        """The posted fields, for the hidden inputs of the confirmation page."""
        return [(name, str(value)) for name in self.fields if (value := self.data.get(name))]


def get_choice_field_name(line: ReviewLine) -> str:
    return f"choix-{line.row.person.public_id}"


def get_role_field_name(line: ReviewLine) -> str:
    return f"role-{line.row.person.public_id}"
