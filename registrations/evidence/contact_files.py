"""Reads a file of known contacts: every line is right, or the file is not taken. Pure."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.people.addresses import clean_address, find_address_fault, fold_address
from mgestion.text.siret import InvalidSiret, parse_siret

COLUMNS: Final = ("adresse", "siret", "nom")
MAX_LINES: Final = 20_000
MAX_BYTES: Final = 2_000_000
_NAME_MAX: Final = 160
_ADDRESS_MAX: Final = 254
_SEPARATORS: Final = ";,\t"


@dataclass(frozen=True, slots=True)
class ContactLine:
    address: str
    siret: str
    name: str

    @property
    def key(self) -> tuple[str, str]:
        return fold_address(self.address), self.siret


@dataclass(frozen=True, slots=True)
class LineFault:
    """`line`: its number in the file, the heading being 1; `words`: what to mend."""

    line: int
    words: str


def read_contact_file(data: bytes) -> tuple[list[ContactLine], list[LineFault]]:
    """The contacts of the file, or what to mend, line by line: one of the two is empty."""
    if len(data) > MAX_BYTES:
        return [], [
            LineFault(1, f"Fichier trop gros\u00a0: {MAX_BYTES // 1_000_000}\u00a0Mo au plus.")
        ]
    text = _decode(data)
    if text is None:
        return [], [LineFault(1, "Ce n’est pas un fichier de texte\u00a0: enregistrez-le en CSV.")]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_find_separator(text))
    try:
        return _read_contact_rows(rows)
    except csv.Error:
        return [], [
            LineFault(rows.line_num or 1, "Ligne illisible\u00a0: un guillemet n’est pas fermé.")
        ]


def _decode(data: bytes) -> str | None:
    """UTF-8, or what a spreadsheet of Windows writes."""
    if b"\x00" in data:
        return None
    for name in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return None


def _find_separator(text: str) -> str:
    heading = text.partition("\n")[0]
    return max(_SEPARATORS, key=heading.count)


def _read_contact_rows(rows: "Iterator[list[str]]") -> tuple[list[ContactLine], list[LineFault]]:
    heading = [cell.strip().casefold() for cell in next(rows, [])]
    missing = [name for name in COLUMNS if name not in heading]
    if missing:
        words = f"La première ligne doit nommer les colonnes\u00a0: {', '.join(COLUMNS)}."
        return [], [LineFault(1, f"{words} Il manque\u00a0: {', '.join(missing)}.")]
    places = [heading.index(name) for name in COLUMNS]
    found: dict[tuple[str, str], int] = {}
    contacts: list[ContactLine] = []
    faults: list[LineFault] = []
    for number, row in enumerate(rows, start=2):
        cells = [row[place].strip() if place < len(row) else "" for place in places]
        if not any(cells):
            continue
        if len(contacts) >= MAX_LINES:
            return [], [LineFault(number, f"{MAX_LINES}\u00a0contacts au plus par fichier.")]
        line, wrong = _read_line(*cells)
        if line is not None and line.key in found:
            wrong = [f"Déjà ligne {found[line.key]}\u00a0: gardez-en une seule."]
        faults += [LineFault(number, words) for words in wrong]
        if line is not None and not wrong:
            found[line.key] = number
            contacts.append(line)
    if not contacts and not faults:
        faults = [LineFault(2, "Le fichier ne contient aucun contact.")]
    return ([], faults) if faults else (contacts, [])


def _read_line(address: str, siret: str, name: str) -> tuple[ContactLine | None, list[str]]:
    wrong = []
    address = clean_address(address)
    try:
        validate_email(address)
    except ValidationError:
        mend = find_address_fault(address) if address else "Elle est obligatoire."
        wrong.append(f"adresse «\u00a0{address[:60]}\u00a0»\u00a0: {mend or 'elle est inexacte.'}")
    if len(address) > _ADDRESS_MAX:
        wrong.append(f"adresse\u00a0: {_ADDRESS_MAX}\u00a0caractères au plus.")
    if siret:
        try:
            siret = parse_siret(siret)
        except InvalidSiret as fault:
            wrong.append(f"siret «\u00a0{siret[:30]}\u00a0»\u00a0: {fault.message}")
    if len(name) > _NAME_MAX:
        wrong.append(f"nom\u00a0: {_NAME_MAX}\u00a0caractères au plus.")
    return (None, wrong) if wrong else (ContactLine(address, siret, " ".join(name.split())), [])
