"""Placeholders such as `{prenom}` in the texts that staff prepare. Pure.

A known placeholder is replaced by the value of the request. A text with an unknown placeholder, or
one without a value, is refused: nobody receives « Bonjour {prenom} ».
"""

import re
from collections.abc import Callable
from typing import Final

from mgestion.errors import Refused
from mgestion.templatetags.portal import phone_fr, siret
from registrations.requests.contacts import get_handler_contact
from registrations.requests.models import Request
from registrations.requests.platform_links import get_request_label

PLACEHOLDERS: Final[dict[str, tuple[str, Callable[[Request], str]]]] = {
    "prenom": ("le prénom", lambda item: item.first_name),
    "nom": ("le nom", lambda item: item.last_name),
    "reference": ("la référence de la demande", lambda item: item.reference),
    "raison_sociale": ("la raison sociale", lambda item: item.company_name),
    "siret": ("le SIRET, par groupes", lambda item: siret(item.siret)),
    "plateforme": ("la plateforme", lambda item: get_request_label(item.platform)),
    "departement": ("le département", lambda item: item.department.name),
    "branche": ("la branche", lambda item: item.branch.label if item.branch else ""),
    "delegation": ("la délégation", lambda item: get_handler_contact(item).name),
    "courriel_delegation": ("son adresse", lambda item: get_handler_contact(item).email),
    "telephone_delegation": (
        "son téléphone",
        lambda item: phone_fr(get_handler_contact(item).phone),
    ),
}
_PLACEHOLDER: Final = re.compile(r"\{([^{}\n]*)\}")
_PARENTHESES: Final = str.maketrans("{}", "()")


def find_unknown_placeholders(text: str) -> list[str]:
    """The unknown names in braces, in order, without duplicates; a lone brace counts as one."""
    found = [name for name in _PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    rest = _PLACEHOLDER.sub("", text)
    if "{" in rest or "}" in rest:
        found.append("accolade seule")
    return list(dict.fromkeys(found))


def fill_known_placeholders(text: str, item: Request) -> str:
    """`text` with the placeholders that `item` can fill; the others stay, for the reviewer."""
    return _PLACEHOLDER.sub(lambda hole: _get_placeholder_value(hole[1], item) or hole[0], text)


def fill_all_placeholders(text: str, item: Request) -> str:
    """`text` ready to send. Raises Refused, with their names, if placeholders remain."""
    made = _fill_once(text, item)
    if made is None:
        left = [
            name for name in _PLACEHOLDER.findall(text) if not _get_placeholder_value(name, item)
        ]
        names = ", ".join(f"{{{name}}}" for name in dict.fromkeys(left)) or "une accolade seule"
        raise Refused(
            "placeholder",
            f"Le texte contient encore {names}\u00a0: remplacez-le, rien n’est envoyé avant.",
        )
    return made


def _fill_once(text: str, item: Request) -> str | None:
    """`text` filled in one pass; None if a placeholder remains."""
    if "{" in _PLACEHOLDER.sub("", text) or "}" in _PLACEHOLDER.sub("", text):
        return None
    if not all(_get_placeholder_value(name, item) for name in _PLACEHOLDER.findall(text)):
        return None
    return _PLACEHOLDER.sub(lambda hole: _get_placeholder_value(hole[1], item), text)


def _get_placeholder_value(name: str, item: Request) -> str:
    """The value, with braces turned into parentheses: « Garage {Zen} » must not look like a
    placeholder when the text is checked again before it is sent."""
    known = PLACEHOLDERS.get(name)
    return known[1](item).translate(_PARENTHESES) if known else ""


def describe_placeholders() -> str:
    """« {prenom} le prénom, … », for the help text of a form."""
    return ", ".join(f"{{{name}}} {meaning}" for name, (meaning, _) in PLACEHOLDERS.items())
