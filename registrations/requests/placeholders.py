"""`{prenom}` and the like in the texts that staff prepare. Pure.

A known name is replaced by the request's own value. What stays in braces, unknown or without a
value, stops the text from leaving: nobody receives « Bonjour {prenom} ».
"""

import re
from collections.abc import Callable
from typing import Final

from mgestion.errors import Refused
from mgestion.templatetags.portal import phone_fr, siret
from registrations.requests.contacts import handler
from registrations.requests.models import Request

KNOWN: Final[dict[str, tuple[str, Callable[[Request], str]]]] = {
    "prenom": ("le prénom", lambda item: item.first_name),
    "nom": ("le nom", lambda item: item.last_name),
    "reference": ("la référence de la demande", lambda item: item.reference),
    "raison_sociale": ("la raison sociale", lambda item: item.company_name),
    "siret": ("le SIRET, par groupes", lambda item: siret(item.siret)),
    "departement": ("le département", lambda item: item.department.name),
    "branche": ("la branche", lambda item: item.branch.label if item.branch else ""),
    "delegation": ("la délégation", lambda item: handler(item).name),
    "courriel_delegation": ("son adresse", lambda item: handler(item).email),
    "telephone_delegation": ("son téléphone", lambda item: phone_fr(handler(item).phone)),
}
_HOLE: Final = re.compile(r"\{([^{}\n]*)\}")
_PARENTHESES: Final = str.maketrans("{}", "()")


def unknown(text: str) -> list[str]:
    """The names in braces that no request can fill, in their order; a lone brace counts too."""
    found = [name for name in _HOLE.findall(text) if name not in KNOWN]
    rest = _HOLE.sub("", text)
    if "{" in rest or "}" in rest:
        found.append("accolade seule")
    return list(dict.fromkeys(found))


def proposed(text: str, item: Request) -> str:
    """`text` with the values that `item` has; the others stay in braces, for the reviewer."""
    return _HOLE.sub(lambda hole: _value(hole[1], item) or hole[0], text)


def filled(text: str, item: Request) -> str:
    """`text` ready to leave. Refused, naming them, if placeholders stay."""
    made = _once(text, item)
    if made is None:
        left = [name for name in _HOLE.findall(text) if not _value(name, item)]
        names = ", ".join(f"{{{name}}}" for name in dict.fromkeys(left)) or "une accolade seule"
        raise Refused(
            "placeholder",
            f"Le texte contient encore {names}\u00a0: remplacez-le, rien n’est envoyé avant.",
        )
    return made


def _once(text: str, item: Request) -> str | None:
    """Filled in one pass; see `_value` for a brace in somebody's own name."""
    if "{" in _HOLE.sub("", text) or "}" in _HOLE.sub("", text):
        return None
    if not all(_value(name, item) for name in _HOLE.findall(text)):
        return None
    return _HOLE.sub(lambda hole: _value(hole[1], item), text)


def _value(name: str, item: Request) -> str:
    """In parentheses where « Garage {Zen} » has braces: the text is judged again when it leaves."""
    known = KNOWN.get(name)
    return known[1](item).translate(_PARENTHESES) if known else ""


def legend() -> str:
    """« {prenom} le prénom, … », for the form's help."""
    return ", ".join(f"{{{name}}} {meaning}" for name, (meaning, _) in KNOWN.items())
