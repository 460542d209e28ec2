"""What may be searched in the company directory: a SIRET, a SIREN, or a name in a département.
Pure.
"""

import re
from typing import Final

from stdnum.fr import siren as stdnum_siren

from accounts.people.fields import clean_line
from mgestion.text.siret import InvalidSiret, compact_siret, parse_siret
from registrations.directory.company_lookup import CompanyQuery

MOST_TYPED: Final = 200  # characters; what is longer is not even read
NAME_MOST: Final = 80
NAME_LEAST: Final = 3
_SIREN: Final = 9
_LABEL: Final = re.compile(r"^(?:n[o°]\s*)?sire[tn][\s:°]*", re.IGNORECASE)
_MARKUP: Final = re.compile(r"[<>{}\[\]|\\^`]")
_DEPARTMENT: Final = re.compile(r"[0-9]{2,3}|2[AB]")


class InvalidQuery(ValueError):
    """Nothing is asked of the directory; `message` tells the person in French how to correct it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def parse_query(typed: str, department: str = "") -> CompanyQuery:
    if len(typed) > MOST_TYPED:
        raise InvalidQuery(
            f"Votre recherche est trop longue\u00a0: {NAME_MOST} caractères au plus."
        )
    text = clean_line(typed)
    if not text:
        raise InvalidQuery("Indiquez un SIRET, un SIREN ou le nom de l’établissement.")
    digits = compact_siret(_LABEL.sub("", text))
    if digits.isascii() and digits.isdigit() and len(digits) == _SIREN:
        if not stdnum_siren.is_valid(digits) or digits == "0" * _SIREN:
            raise InvalidQuery(
                "Ce SIREN n’existe pas\u00a0: un chiffre est faux ou deux sont inversés."
            )
        return CompanyQuery(siren=digits)
    if sum(char.isdigit() for char in digits) >= _SIREN or not any(map(str.isalpha, text)):
        try:
            return CompanyQuery(siret=parse_siret(_LABEL.sub("", text)))
        except InvalidSiret as wrong:
            raise InvalidQuery(wrong.message) from None
    return _parse_name(text, department)


def _parse_name(text: str, department: str) -> CompanyQuery:
    if len(text) > NAME_MOST:
        raise InvalidQuery(f"Ce nom est trop long\u00a0: {NAME_MOST} caractères au plus.")
    if _MARKUP.search(text):
        raise InvalidQuery(
            "Un nom ne contient pas de signe comme «\u00a0<\u00a0» ou «\u00a0{\u00a0»\u00a0: "
            "retirez-le."
        )
    if sum(map(str.isalnum, text)) < NAME_LEAST:
        raise InvalidQuery("Donnez au moins trois lettres du nom.")
    if not _DEPARTMENT.fullmatch(department):
        raise InvalidQuery("Pour chercher par nom, choisissez aussi le département.")
    return CompanyQuery(name=text, department=department)
