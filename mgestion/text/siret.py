"""SIRET numbers: 14 digits, checked as Insee does, La Poste's rule included. Pure."""

import re
import unicodedata
from typing import Final

from stdnum.fr import siret as stdnum_siret

LENGTH: Final = 14
# Separators that people type or paste: any space, dots, dashes.
_SEPARATORS: Final = re.compile(r"[\s._\-\u2010-\u2014\u200b\u2060\ufeff]+")
_FOREIGN: Final = re.compile(r"[^0-9]+")
_NAME: Final = re.compile(r"^(?:n[o°]\s*)?siret[\s:°]*", re.IGNORECASE)  # copied with the number
_LOOK_ALIKES: Final = {"O": "0", "o": "0", "I": "1", "l": "1"}


class InvalidSiret(ValueError):
    """`code` is the kind of error, `message` tells the person in French how to correct it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def compact_siret(raw: str) -> str:
    """`raw` without separators; full-width digits become plain ones. Nothing is checked."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", raw))


def parse_siret(raw: str) -> str:
    """The 14 bare digits of `raw`. Raises InvalidSiret: digits, length, zero or checksum."""
    digits = compact_siret(_NAME.sub("", raw.strip()))
    foreign = _FOREIGN.search(digits)
    if foreign is not None:
        found = foreign.group()
        mend = (
            f"remplacez la lettre {found} par le chiffre {_LOOK_ALIKES[found]}"
            if found in _LOOK_ALIKES
            else f"retirez «\u00a0{found[:20]}\u00a0»"
        )
        raise InvalidSiret("digits", f"Le SIRET ne contient que des chiffres\u00a0: {mend}.")
    if len(digits) == 9:
        raise InvalidSiret(
            "siren",
            "Vous avez saisi les 9 chiffres du SIREN\u00a0: "
            "ajoutez les 5 chiffres de l’établissement.",
        )
    if len(digits) != LENGTH:
        raise InvalidSiret(
            "length", f"Le SIRET compte 14 chiffres\u00a0: vous en avez saisi {len(digits)}."
        )
    # stdnum accepts 000 000 000, whose checksum is right.
    if digits.startswith("000000000"):
        raise InvalidSiret(
            "zero", "Ce SIRET ne désigne aucun établissement\u00a0: il commence par neuf zéros."
        )
    if not stdnum_siret.is_valid(digits):
        raise InvalidSiret(
            "checksum",
            "Ce SIRET n’existe pas\u00a0: un chiffre est faux ou deux sont inversés. "
            "Recopiez-le depuis votre avis de situation Insee.",
        )
    return digits
