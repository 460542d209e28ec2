"""Client of the State's public company search API.

Only what is searched is sent. The search is fuzzy, so of a SIRET or SIREN only the results with
this very number are read.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from http.client import HTTPException
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from mgestion.http_client import Trouble, fetch_json
from mgestion.text.siret import InvalidSiret, parse_siret
from registrations.directory.company_lookup import Company, CompanyQuery, DirectoryDown
from registrations.requests.enums import CompanyState

MAX_BYTES: Final = 1_000_000
MOST_COMPANIES: Final = 10  # shown
_MOST_UNITS: Final = 10
_MOST_PLACES: Final = 20  # of one unit
_PUBLIC: Final = ("O", "", None)  # otherwise part of the answer is withheld on request


_Read = TypeVar("_Read")


class HttpCompanyDirectory:
    """`address` holds `{siret}`; `timeout` bounds the whole exchange, in seconds."""

    def __init__(self, address: str, timeout: float) -> None:
        self.address = address
        self.timeout = timeout

    def find(self, siret: str) -> Company:
        """The answer for exactly this SIRET (bare digits). Raises DirectoryDown."""
        if not re.fullmatch(r"[0-9]{14}", siret):
            raise ValueError("14 digits are asked, nothing else")
        return self._fetch(
            self.address.replace("{siret}", siret),
            lambda answer: read_company_answer(answer, siret),
        )

    def search(self, query: CompanyQuery) -> list[Company]:
        return self._fetch(
            build_search_address(self.address, query),
            lambda answer: read_search_answer(answer, query),
        )

    def _fetch(self, address: str, read: Callable[[Any], _Read]) -> _Read:
        try:
            return read(
                fetch_json(
                    address,
                    timeout=self.timeout,
                    public_only=False,  # where the settings say: it may be a copy in the house
                    most_bytes=MAX_BYTES,
                )
            )
        except (*Trouble, TypeError, AttributeError, KeyError, RecursionError) as trouble:
            ours = type(trouble) is HTTPException  # says the status, or that it is too long
            raise DirectoryDown(str(trouble) if ours else type(trouble).__name__) from None


def build_search_address(template: str, query: CompanyQuery) -> str:
    """`template` with what is searched. Raises when it has no `{siret}` among its parameters: then
    it knows numbers only.
    """
    parts = urlsplit(template)
    if query.siret:
        return template.replace("{siret}", query.siret)
    if "{siret}" not in parts.query:
        raise DirectoryDown("no search by name")
    ours = {"per_page": str(_MOST_UNITS), "limite_matching_etablissements": str(_MOST_PLACES)}
    if query.department:
        ours["departement"] = query.department
    given = {
        name: value.replace("{siret}", query.text)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    }
    return urlunsplit(parts._replace(query=urlencode(given | ours)))


def read_search_answer(answer: Any, query: CompanyQuery) -> list[Company]:
    """The establishments that were searched, open ones first. Raises for an answer about something
    else than the number, or without a name: it is no answer.
    """
    found: dict[str, Company] = {}
    for siret, company in _list_places(answer["results"][:_MOST_UNITS]):
        if query.siret and siret != query.siret or not siret.startswith(query.siren):
            continue
        if query.name and (company.is_hidden or company.department != query.department):
            continue
        found.setdefault(siret, company)
    if answer["results"] and not query.name and not found:
        raise KeyError("another company")
    return sorted(found.values(), key=lambda company: company.closed)[:MOST_COMPANIES]


def _list_places(units: list[dict[str, Any]]) -> Iterator[tuple[str, Company]]:
    for unit in units:
        seat = unit.get("siege") or {}
        for place in (*(unit.get("matching_etablissements") or ())[:_MOST_PLACES], seat):
            try:
                siret = parse_siret(_clean_text(place.get("siret"), 14))
            except InvalidSiret:
                continue
            company = _build_company(unit, place)
            if company.name or company.is_hidden:
                yield siret, company


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
    # The activity and the closing remain public.
    public = Company(
        CompanyState.HIDDEN,
        activity=_clean_text(activity, 10),
        closed=closed,
        closed_on=_parse_day(place.get("date_fermeture")),
        siret=_clean_text(place.get("siret"), 14),
        conventions=_list_conventions(unit, place),
    )
    if not shown:
        return public
    ended_on = _parse_day(unit.get("date_fermeture")) if ended else None
    return replace(
        public,
        state=CompanyState.FOUND,
        name=_clean_text(unit.get("nom_raison_sociale") or unit.get("nom_complet"), 200),
        closed_on=public.closed_on or ended_on,
        address=_clean_text(place.get("adresse"), 300),
        department=_find_department(place),
    )


def _list_conventions(unit: dict[str, Any], place: dict[str, Any]) -> tuple[str, ...]:
    """The IDCC of the establishment, else of its company."""
    listed = place.get("liste_idcc") or (unit.get("complements") or {}).get("liste_idcc") or ()
    codes = (_clean_text(code, 4) for code in listed[:_MOST_PLACES])
    return tuple(code for code in codes if re.fullmatch(r"[0-9]{4}", code))


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
