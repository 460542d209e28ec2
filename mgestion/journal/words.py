"""What the journal records, and the French words for it.

A room names its acts in an enum (`acts.py`) and hands its words to `slots.journal_words`. This is
the one place that labels a stored code. A code without words is shown as it was written: the
journal keeps lines of older versions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import TextChoices

from mgestion import slots


class JournalAct(TextChoices):
    """Base of each room's acts: « family.verb », and its French name."""


@dataclass(frozen=True, kw_only=True)
class JournalWords:
    """The words of one room. An object type that is the name of a model needs none."""

    acts: type[JournalAct]
    families: Mapping[str, str]  # what the list is filtered by
    reasons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by family
    objects: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)  # the key of a detail
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by key of a detail
    authors: Mapping[str, str] = field(default_factory=dict)  # a job or a command that acts


@cache
def acts() -> dict[str, str]:
    """Act → its name."""
    return _merged(
        {act.value: str(act.label) for act in words.acts} for words in slots.journal_words.values()
    )


@cache
def families() -> dict[str, str]:
    return _merged(words.families for words in slots.journal_words.values())


@cache
def reasons() -> dict[str, dict[str, str]]:
    """Family → code → words."""
    return _merged_by_key(words.reasons for words in slots.journal_words.values())


@cache
def _objects() -> dict[str, str]:
    models = {model._meta.model_name or "": str(model._meta.verbose_name) for model in _models()}
    return models | _merged(words.objects for words in slots.journal_words.values())


@cache
def _details() -> dict[str, str]:
    return _merged(words.details for words in slots.journal_words.values())


@cache
def _values() -> dict[str, dict[str, str]]:
    return _merged_by_key(words.values for words in slots.journal_words.values())


@cache
def _authors() -> dict[str, str]:
    return _merged(words.authors for words in slots.journal_words.values())


def author_label(name: str) -> str:
    """The French name of a job or of a command, with who typed it (« command:j.dupont »); a
    platform's code as it is.
    """
    job, _, operator = name.partition(":")
    said = _authors().get(job, job)
    return f"{said} ({operator})" if operator else said


def family_of(act: str) -> str:
    return act.partition(".")[0]


def act_label(act: str) -> str:
    """The French name of `act`; the code itself for one that the portal no longer records."""
    return acts().get(act, act)


def reason_label(act: str, reason: str) -> str:
    """The French words for the reason of an act. One that is a row of a table is asked of it; for
    a page of them see `naming.of`.
    """
    family = family_of(act)
    known = reasons().get(family, {})
    if reason and reason not in known and family in slots.reason_words:
        return slots.reason_words[family]({reason}).get(reason, reason)
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
    """The models of the rooms that write the journal."""
    for label in slots.journal_words:
        yield from apps.get_app_config(label).get_models()


def _merged(parts: Iterator[Mapping[str, str]]) -> dict[str, str]:
    """ValueError if two rooms call the same code by other words."""
    found: dict[str, str] = {}
    for part in parts:
        if other := [code for code in part if found.get(code, part[code]) != part[code]]:
            raise ValueError(f"Named twice, differently: {sorted(other)}")
        found |= {code: str(words) for code, words in part.items()}
    return found


def _merged_by_key(parts: Iterator[Mapping[str, Mapping[str, str]]]) -> dict[str, dict[str, str]]:
    by_key: dict[str, list[Mapping[str, str]]] = {}
    for part in parts:
        for key, words in part.items():
            by_key.setdefault(key, []).append(words)
    return {key: _merged(iter(words)) for key, words in by_key.items()}
