"""The French words for what the journal records. Each room has its own in `acts.py`:

ACTS     « a.b » is an act, « a » alone the family that the list is filtered by.
REASONS  by family, the code of a reason.
OBJECTS  the type of an object. A type that is the name of a model needs none.
DETAILS  the key of a detail.
VALUES   by key, what a detail may be.
AUTHORS  the name of a job or of a command that acts.

What has no words is shown as it was written: the journal keeps lines of older versions.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps

from mgestion import slots

ACTS = {
    "journal": "Journal",
    "journal.purged": "Journal\u00a0: anciennes lignes effacées",
}
REASONS = {"journal": {"retention": "durée de conservation écoulée"}}
OBJECTS = {"journal": "journal"}
DETAILS = {
    "added": "ajouté",
    "after": "après",
    "before": "avant",
    "changed": "modifié",
    "code": "code",
    "deleted": "supprimé",
    "entries": "lignes",
    "text": "texte",
}


AUTHORS = {"journal.purge": "purge du journal"}


def _rooms(name: str) -> Iterator[dict[str, Any]]:
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.acts") is not None:
            yield getattr(import_module(f"{config.name}.acts"), name, {})


@cache
def labels() -> dict[str, str]:
    """Act → its name, for every room that has an `acts` module. ValueError if two name the same."""
    return _gathered("ACTS")


@cache
def reasons() -> dict[str, dict[str, str]]:
    """Family → code → words. ValueError if two rooms call the same code by other words."""
    return _gathered_twice("REASONS")


@cache
def _objects() -> dict[str, str]:
    models = {model._meta.model_name or "": str(model._meta.verbose_name) for model in _models()}
    return models | _gathered("OBJECTS")


@cache
def _details() -> dict[str, str]:
    return _gathered("DETAILS")


@cache
def _values() -> dict[str, dict[str, str]]:
    return _gathered_twice("VALUES")


@cache
def _authors() -> dict[str, str]:
    return _gathered("AUTHORS")


def author_label(name: str) -> str:
    """The French name of a job or of a command, with who typed it (« command:j.dupont »); a
    platform's code as it is.
    """
    job, _, operator = name.partition(":")
    said = _authors().get(job, job)
    return f"{said} ({operator})" if operator else said


def family(act: str) -> str:
    return act.partition(".")[0]


def label(act: str) -> str:
    """The French name of `act`; the code itself for one that the portal no longer records."""
    return labels().get(act, act)


def reason_label(act: str, reason: str) -> str:
    """The French words for the reason of an act. One that is a row of a table is asked of it; for
    a page of them see `naming.of`.
    """
    known = reasons().get(family(act), {})
    if reason and reason not in known and family(act) in slots.reason_words:
        return slots.reason_words[family(act)]({reason}).get(reason, reason)
    return known.get(reason, reason)


def object_label(object_type: str) -> str:
    """The French words for the type of an object."""
    return _objects().get(object_type, object_type)


def detail_lines(data: Mapping[str, Any]) -> list[str]:
    """« label : value », a line for each thing that a detail says."""
    return [
        f"{_details().get(key, key)}\u00a0: {text}"
        for key, value in data.items()
        if (text := _text(key, value))
    ]


def _text(key: str, value: Any) -> str:
    """In French; empty for what says nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Mapping):
        return "\u202f; ".join(detail_lines(value))
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, (_text(key, one) for one in value)))
    return _values().get(key, {}).get(str(value), str(value))


def _models() -> Iterator[Any]:
    """The rooms' own models; two of the same name would need words in OBJECTS."""
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.acts") is not None:
            yield from config.get_models()


def _gathered(name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for named in _rooms(name):
        if twice := found.keys() & named.keys():
            raise ValueError(f"Named twice: {sorted(twice)}")
        found |= named
    return found


def _gathered_twice(name: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for room in _rooms(name):
        for family, named in room.items():
            known = found.setdefault(family, {})
            if other := [code for code in named if known.get(code, named[code]) != named[code]]:
                raise ValueError(f"{family}: named twice, differently: {sorted(other)}")
            known |= {code: str(words) for code, words in named.items()}
    return found
