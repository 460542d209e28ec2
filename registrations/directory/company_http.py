"""Client of the State's public company search API.

Only the SIRET is sent. The search is fuzzy, so only a result with this very SIRET is read.
"""

import re
from datetime import date
from http.client import HTTPException
from typing import Any, Final

from mgestion.http_client import Trouble, fetch_json
from registrations.directory.company_lookup import Company, DirectoryDown
from registrations.requests.enums import CompanyState

MAX_BYTES: Final = 1_000_000
_PUBLIC: Final = ("O", "", None)  # otherwise part of the answer is withheld on request


class HttpCompanyDirectory:
    """`address` holds `{siret}`; `timeout` bounds the whole exchange, in seconds."""

    def __init__(self, address: str, timeout: float) -> None:
        self.address = address
        self.timeout = timeout

    def find(self, siret: str) -> Company:
        if not re.fullmatch(r"[0-9]{14}", siret):
            raise ValueError("14 digits are asked, nothing else")
        try:
            answer = fetch_json(
                self.address.replace("{siret}", siret),
                timeout=self.timeout,
                public_only=False,  # where the settings say: it may be a copy in the house
                most_bytes=MAX_BYTES,
            )
            return read_company_answer(answer, siret)
        except (*Trouble, TypeError, AttributeError, KeyError) as trouble:
            ours = type(trouble) is HTTPException  # says the status, or that it is too long
            raise DirectoryDown(str(trouble) if ours else type(trouble).__name__) from None


def read_company_answer(answer: Any, siret: str) -> Company:
    """The establishment with this SIRET; an unexpected format raises."""
    for unit in answer["results"]:
        seat = unit.get("siege") or {}
        for place in (*(unit.get("matching_etablissements") or ()), seat):
            if place.get("siret") == siret:
                return _build_company(unit, place)
    return Company(CompanyState.UNKNOWN)


def _build_company(unit: dict[str, Any], place: dict[str, Any]) -> Company:
    ended = unit.get("etat_administratif") == "C"
    closed = place.get("etat_administratif") == "F" or ended
    activity = place.get("activite_principale") or unit.get("activite_principale")
    shown = (
        place.get("statut_diffusion_etablissement") in _PUBLIC
        and unit.get("statut_diffusion") in _PUBLIC
    )
    if not shown:
        # The activity and the closing remain public.
        return Company(
            CompanyState.HIDDEN,
            activity=_clean_text(activity, 10),
            closed=closed,
            closed_on=_parse_day(place.get("date_fermeture")),
        )
    return Company(
        CompanyState.FOUND,
        name=_clean_text(unit.get("nom_raison_sociale") or unit.get("nom_complet"), 200),
        activity=_clean_text(activity, 10),
        closed=closed,
        closed_on=_parse_day(
            place.get("date_fermeture") or (unit.get("date_fermeture") if ended else "")
        ),
        address=_clean_text(place.get("adresse"), 300),
        department=_find_department(place),
    )


def _find_department(place: dict[str, Any]) -> str:
    """The département, from the commune's code when missing; postal codes cross borders."""
    said = _clean_text(place.get("departement"), 3)
    commune = _clean_text(place.get("commune"), 5)
    if said or not re.fullmatch(r"[0-9][0-9AB][0-9]{3}", commune):
        return said
    return commune[:3] if commune.startswith(("97", "98")) else commune[:2]


def _clean_text(value: Any, most: int) -> str:
    """`value` as one line of at most `most` characters; "" when it is not a string."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c for c in value if c.isprintable() or c.isspace()).split())[:most]


def _parse_day(value: Any) -> date | None:
    try:
        return date.fromisoformat(_clean_text(value, 10))
    except ValueError:
        return None
