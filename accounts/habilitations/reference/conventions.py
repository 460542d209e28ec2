"""The names of collective agreements by their IDCC, from the shipped table of branches."""

import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).parent / "branches.json"


@functools.cache
def _read_convention_names() -> Mapping[str, str]:
    """By IDCC: the name, and the other OPCO of those that OPCO Mobilités does not cover."""
    table = json.loads(_TABLE.read_text(encoding="utf-8"))
    names = {row["idcc"]: row["name"].partition(" (")[0] for row in table["branches"]}
    names |= {
        row["idcc"]: f"{row['name'].partition(' (')[0]}, {_name_opco(row['opco'])}"
        for row in table["not_covered"]
    }
    return {idcc: name.replace("'", "’") for idcc, name in names.items() if idcc}


def _name_opco(opco: str) -> str:
    return opco if opco.startswith("OPCO") else f"OPCO {opco}"


def describe_conventions(codes: Iterable[str]) -> str:
    """« IDCC 1090 (Services de l’automobile) », in the order given; a code that the table does not
    hold stands alone.
    """
    names = _read_convention_names()
    return ", ".join(
        f"IDCC\u00a0{code} ({names[code]})" if code in names else f"IDCC\u00a0{code}"
        for code in codes
    )
