"""Words of the platform's pages: French."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

NAME: Final = "M-Campus Entreprise"
PARIS: Final = ZoneInfo("Europe/Paris")
_MONTHS: Final = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
).split()
_ROLES: Final[Mapping[str, str]] = {
    "gestionnaire": "Gestionnaire",
    "administrateur": "Administrateur",
    "adherent": "Adhérent",
}
ATTRIBUTES: Final[Mapping[str, str]] = {
    "authenticationDate": "connexion au portail",
    "longTermAuthenticationRequestTokenUsed": "connexion de longue durée",
    "isFromNewLogin": "mot de passe saisi à l’instant",
    "mail": "adresse e-mail",
    "role": "rôle sur cette plateforme",
    "siret": "SIRET de l’établissement",
    "habilitation": "accès complet (SIRET, type, rôle)",
}


def get_role_label(code: str) -> str:
    """The role in words; its code where the portal knows a role that this platform does not."""
    return _ROLES.get(code, code)


def format_siret(siret: str) -> str:
    """14 digits in groups of 3, 3, 3 and 5."""
    return "\u00a0".join((siret[:3], siret[3:6], siret[6:9], siret[9:]))


def format_time(at: datetime, now: datetime) -> str:
    """The Paris time to the second, after the date where it is not today's. Both aware."""
    local, today = at.astimezone(PARIS), now.astimezone(PARIS).date()
    words = f"{local.hour}\u00a0h\u00a0{local.minute:02} min\u00a0{local.second:02}\u00a0s"
    if local.date() == today:
        return words
    day = "1er" if local.day == 1 else str(local.day)
    year = "" if local.year == today.year else f" {local.year}"
    return f"{day} {_MONTHS[local.month - 1]}{year}, {words}"
