"""French labels for the codes of the journal.

Each application defines its acts in an enum (`acts.py`) and registers its labels in
`slots.journal_words`. A code without a label, from an older version, is shown as it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import TextChoices

from mgestion import slots


class JournalAct(TextChoices):
    """Base of each application's acts: « family.verb » and a French label."""


@dataclass(frozen=True, kw_only=True)
class JournalWords:
    """The labels of one application. An object type that is a model's name needs none."""

    acts: type[JournalAct]
    families: Mapping[str, str]  # filter of the list
    reasons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by family
    objects: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)  # by key of a detail
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by key of a detail
    authors: Mapping[str, str] = field(default_factory=dict)  # jobs and commands


@cache
def get_act_labels() -> dict[str, str]:
    """Act → label."""
    return _merge_words(
        {act.value: str(act.label) for act in words.acts} for words in slots.journal_words.values()
    )


@cache
def get_family_labels() -> dict[str, str]:
    return _merge_words(words.families for words in slots.journal_words.values())


@cache
def get_reason_labels() -> dict[str, dict[str, str]]:
    """Family → code → label."""
    return _merge_words_by_key(words.reasons for words in slots.journal_words.values())


@cache
def _get_object_labels() -> dict[str, str]:
    models = {
        model._meta.model_name or "": str(model._meta.verbose_name) for model in _iterate_models()
    }
    return models | _merge_words(words.objects for words in slots.journal_words.values())


@cache
def _get_detail_labels() -> dict[str, str]:
    return _merge_words(words.details for words in slots.journal_words.values())


@cache
def _get_value_labels() -> dict[str, dict[str, str]]:
    return _merge_words_by_key(words.values for words in slots.journal_words.values())


@cache
def _get_author_labels() -> dict[str, str]:
    return _merge_words(words.authors for words in slots.journal_words.values())


def get_author_label(name: str) -> str:
    """The label of a job or of a command with its operator (« command:j.dupont »); a platform's
    code unchanged.
    """
    job, _, operator = name.partition(":")
    said = _get_author_labels().get(job, job)
    return f"{said} ({operator})" if operator else said


def get_family(act: str) -> str:
    return act.partition(".")[0]


def get_act_label(act: str) -> str:
    """The label of `act`; the code itself when it has none."""
    return get_act_labels().get(act, act)


def get_reason_label(act: str, reason: str) -> str:
    """The French words for the reason of an act. One that is a row of a table is asked of it; for
    a page of them see `naming.find_entry_names`.
    """
    family = get_family(act)
    known = get_reason_labels().get(family, {})
    if reason and reason not in known and family in slots.reason_words:
        return slots.reason_words[family]({reason}).get(reason, reason)
    return known.get(reason, reason)


def get_object_label(object_type: str) -> str:
    """The label of an object type."""
    return _get_object_labels().get(object_type, object_type)


def format_detail(data: Mapping[str, Any]) -> list[str]:
    """« label : value » lines, empty values left out."""
    return [
        f"{_get_detail_labels().get(key, key)}\u00a0: {text}"
        for key, value in data.items()
        if (text := _format_value(key, value))
    ]


def _format_value(key: str, value: Any) -> str:
    """A value in French; "" for an empty one."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Mapping):
        return "\u202f; ".join(format_detail(value))
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, (_format_value(key, one) for one in value)))
    return _get_value_labels().get(key, {}).get(str(value), str(value))


def _iterate_models() -> Iterator[Any]:
    """The models of the applications that write the journal."""
    for label in slots.journal_words:
        yield from apps.get_app_config(label).get_models()


def _merge_words(parts: Iterator[Mapping[str, str]]) -> dict[str, str]:
    """ValueError when two applications label a code differently."""
    found: dict[str, str] = {}
    for part in parts:
        if other := [code for code in part if found.get(code, part[code]) != part[code]]:
            raise ValueError(f"Named twice, differently: {sorted(other)}")
        found |= {code: str(words) for code, words in part.items()}
    return found


def _merge_words_by_key(
    parts: Iterator[Mapping[str, Mapping[str, str]]],
) -> dict[str, dict[str, str]]:
    by_key: dict[str, list[Mapping[str, str]]] = {}
    for part in parts:
        for key, words in part.items():
            by_key.setdefault(key, []).append(words)
    return {key: _merge_words(iter(words)) for key, words in by_key.items()}
