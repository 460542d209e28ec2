"""What a password must be. Django calls these from
`AUTH_PASSWORD_VALIDATORS`.

Composition rules come from the guide against ASVS 6.2.5: a documented deviation.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from accounts.passwords.common_passwords import is_common
from mgestion.text.search_words import strip_accents

MIN_LENGTH = 8
STAFF_MIN_LENGTH = 16
MAX_LENGTH = 128


class PasswordRule(NamedTuple):
    """A rule as the page lists it. `code` is what `static/js/password.js` ticks by."""

    code: str
    label: str
    n: int = 0


# The page shows these (components/password_rules.html); a test keeps the two alike.
RULES = (
    PasswordRule("min", f"au moins {MIN_LENGTH} caractères", MIN_LENGTH),
    PasswordRule("upper", "au moins une majuscule"),
    PasswordRule("lower", "au moins une minuscule"),
    PasswordRule("digit", "au moins un chiffre"),
)


class PortalRules:
    """Length and the three kinds of characters; special characters and spaces are welcome, never
    asked.
    """

    def __init__(
        self, min_length: int = MIN_LENGTH, staff_min_length: int = STAFF_MIN_LENGTH
    ) -> None:
        self.min_length = min_length
        self.staff_min_length = staff_min_length

    def validate(self, password: str, user: Any = None) -> None:
        """Raises one ValidationError that names every failed rule (R26)."""
        # Composed form: « É » typed as E + accent is one upper-case letter and one character.
        text = unicodedata.normalize("NFC", password)
        least = self.staff_min_length if getattr(user, "is_staff", False) else self.min_length
        digits = any(unicodedata.category(char) == "Nd" for char in text)
        rules = (
            ("min", len(text) >= least, f"doit compter au moins {least} caractères"),
            ("max", len(text) <= MAX_LENGTH, f"ne peut dépasser {MAX_LENGTH} caractères"),
            ("upper", any(map(str.isupper, text)), "doit contenir au moins une majuscule"),
            ("lower", any(map(str.islower, text)), "doit contenir au moins une minuscule"),
            ("digit", digits, "doit contenir au moins un chiffre"),
        )
        errors = [
            ValidationError(f"Le mot de passe {said}.", code=code)
            for code, obeyed, said in rules
            if not obeyed
        ]
        if errors:
            raise ValidationError(errors)

    def get_help_text(self) -> str:
        return "Le mot de passe comporte " + ", ".join(rule.label for rule in RULES) + "."


CONTEXT_WORDS = (
    "opco",
    "mobilites",
    "mgestion",
    "mcampus",
    "mcontributions",
    "mtutorat",
    "mhabilitations",
)
# A mailbox provider says nothing about a person: « orange » in a password is no clue.
_WEBMAILS = frozenset(
    "gmail hotmail outlook live yahoo orange wanadoo free sfr laposte "
    "icloud protonmail proton bbox neuf aol msn".split()
)
_SHORTEST_CLUE = 4


def _strip_to_letters(text: str) -> str:
    """Lower-case letters and digits only, without accents."""
    return "".join(char for char in strip_accents(text.casefold()) if char.isalnum())


def _list_personal_clues(user: Any) -> Iterator[str]:
    for name in (getattr(user, "first_name", ""), getattr(user, "last_name", "")):
        yield name
        yield from re.split(r"[\s'’-]+", name)
    local, _, domain = getattr(user, "email", "").partition("@")
    yield local
    yield from re.split(r"[._+-]+", local)
    organisation = domain.rpartition(".")[0].rpartition(".")[2]
    if organisation not in _WEBMAILS:
        yield organisation


class NotPersonal:
    """Neither the person's name or address, nor the organisation, nor the words of this portal (S7,
    S15).
    """

    def validate(self, password: str, user: Any = None) -> None:
        text = _strip_to_letters(password)
        if any(word in text for word in CONTEXT_WORDS):
            raise ValidationError(
                "Le mot de passe ne doit pas contenir le nom de ce service (OPCO, "
                "Mobilités, M-Gestion…).",
                code="context",
            )
        clues = (
            {_strip_to_letters(clue) for clue in _list_personal_clues(user)}
            if user is not None
            else set()
        )
        if any(len(clue) >= _SHORTEST_CLUE and clue in text for clue in clues):
            raise ValidationError(
                "Le mot de passe ne doit contenir ni votre nom, ni votre adresse "
                "e-mail, ni votre organisation.",
                code="personal",
            )

    def get_help_text(self) -> str:
        return "Il ne contient ni votre nom, ni votre adresse e-mail, ni le nom de ce service."


class NotCommon(CommonPasswordValidator):
    """Not one of those that are tried first, nor one word that everybody decorates with a year, nor
    a walk on the keyboard (S7, S16, ASVS 6.2.12).
    """

    def validate(self, password: str, user: Any = None) -> None:
        if password.lower().strip() in self.passwords or is_common(password):
            raise ValidationError(
                "Ce mot de passe est trop courant\u00a0: un mot connu, une marque ou une suite de "
                "touches, même avec des chiffres, figure parmi les premiers que l’on essaie. "
                "Ajoutez par exemple un second mot, sans rapport avec le premier.",
                code="common",
            )

    def get_help_text(self) -> str:
        return "Il ne fait pas partie des mots de passe les plus courants."
