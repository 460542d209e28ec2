"""The directory over HTTP, in the form of the State's public company search.

Only the SIRET leaves. The search is fuzzy: an answer counts for the very SIRET that was asked.
"""

import json
import re
import time
from datetime import date
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

from mgestion.web.user_agent import user_agent
from registrations.directory.company_lookup import Company, DirectoryDown
from registrations.requests.enums import CompanyState

MAX_BYTES: Final = 1_000_000
_CHUNK: Final = 64 * 1024
_PUBLIC: Final = ("O", "", None)  # else part of the answer is withheld at the person's request


class HttpDirectory:
    """`address` holds `{siret}`; `timeout` bounds the whole exchange, in seconds."""

    def __init__(self, address: str, timeout: float) -> None:
        self.address = address
        self.timeout = timeout

    def find(self, siret: str) -> Company:
        if not re.fullmatch(r"[0-9]{14}", siret):
            raise ValueError("14 digits are asked, nothing else")
        try:
            answer = json.loads(self._read(self.address.replace("{siret}", siret)))
            return read(answer, siret)
        except (OSError, HTTPException, ValueError, TypeError, AttributeError, KeyError) as trouble:
            raise DirectoryDown(type(trouble).__name__) from None

    def _read(self, address: str) -> bytes:
        until = time.monotonic() + self.timeout
        parts = urlsplit(address)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        link = kind(parts.hostname or "", parts.port, timeout=self.timeout)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = {"Accept": "application/json", "User-Agent": user_agent()}
            link.request("GET", target, headers=headers)
            answer = link.getresponse()
            if answer.status != 200:
                raise DirectoryDown(f"HTTP {answer.status}")
            return self._body(link, answer, until)
        finally:
            link.close()

    def _body(self, link: HTTPConnection, answer: Any, until: float) -> bytes:
        """Piece by piece: a server that sends a byte a second is as good as silent."""
        body = b""
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if link.sock is not None:  # closed by the library once all has come
                link.sock.settimeout(left)
            piece: bytes = answer.read1(_CHUNK)
            if not piece:
                return body
            body += piece
            if len(body) > MAX_BYTES:
                raise DirectoryDown("too long")


def read(answer: Any, siret: str) -> Company:
    """The establishment of this SIRET in an answer; a shape that we do not know raises."""
    for unit in answer["results"]:
        seat = unit.get("siege") or {}
        for place in (*(unit.get("matching_etablissements") or ()), seat):
            if place.get("siret") == siret:
                return _company(unit, place)
    return Company(CompanyState.UNKNOWN)


def _company(unit: dict[str, Any], place: dict[str, Any]) -> Company:
    ended = unit.get("etat_administratif") == "C"
    closed = place.get("etat_administratif") == "F" or ended
    activity = place.get("activite_principale") or unit.get("activite_principale")
    shown = (
        place.get("statut_diffusion_etablissement") in _PUBLIC
        and unit.get("statut_diffusion") in _PUBLIC
    )
    if not shown:
        # Whether it is open, and what it does, are public all the same.
        return Company(
            CompanyState.HIDDEN,
            activity=_text(activity, 10),
            closed=closed,
            closed_on=_day(place.get("date_fermeture")),
        )
    return Company(
        CompanyState.FOUND,
        name=_text(unit.get("nom_raison_sociale") or unit.get("nom_complet"), 200),
        activity=_text(activity, 10),
        closed=closed,
        closed_on=_day(
            place.get("date_fermeture") or (unit.get("date_fermeture") if ended else "")
        ),
        address=_text(place.get("adresse"), 300),
        department=_department(place),
    )


def _department(place: dict[str, Any]) -> str:
    """From the commune's code, where it is not said; a postal code would err on the borders."""
    said = _text(place.get("departement"), 3)
    commune = _text(place.get("commune"), 5)
    if said or not re.fullmatch(r"[0-9][0-9AB][0-9]{3}", commune):
        return said
    return commune[:3] if commune.startswith(("97", "98")) else commune[:2]


def _text(value: Any, most: int) -> str:
    """One line of what came, as text; nothing when it is something else."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c for c in value if c.isprintable() or c.isspace()).split())[:most]


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(_text(value, 10))
    except ValueError:
        return None
