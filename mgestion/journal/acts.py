"""The French names of what the journal records. Each room names its own in `acts.py`: « a.b » is an
act, « a » alone the family that the list is filtered by.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

ACTS = {
    "journal": "Journal",
    "journal.purged": "Journal\u00a0: anciennes lignes effacées",
}


@cache
def labels() -> dict[str, str]:
    """Act → its name, for every room that has an `acts` module. ValueError if two name the same."""
    found: dict[str, str] = {}
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.acts") is None:
            continue
        named: dict[str, str] = getattr(import_module(f"{config.name}.acts"), "ACTS", {})
        if twice := found.keys() & named.keys():
            raise ValueError(f"Named twice: {sorted(twice)}")
        found |= named
    return found


def label(act: str) -> str:
    """The French name of `act`; the code itself for one that the portal no longer records."""
    return labels().get(act, act)
