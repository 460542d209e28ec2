"""What the portal holds about people: one inventory, read by erasure, export, the privacy page and
the tests (D29, S27, S34).

Each room's `personal_data.py` describes its columns that refer to a person, by a key of the
database or by an opaque id, and hands the entries to `slots.personal_data`. A column without an
entry fails `tests/personal_data/test_inventory.py`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Model, QuerySet

from mgestion import slots
from mgestion.text.dates import french_date, french_moment


class Policy(StrEnum):
    """What an erasure does to the rows of an entry."""

    DELETE = "delete"
    ANONYMISE = "anonymise"  # the row is somebody else's, or a fact: it stays, without the person
    KEEP_PSEUDONYMOUS = "keep_pseudonymous"  # an opaque id or a keyed hash, that leads to nobody


class Stage:
    """When an entry is erased: what is found through other rows comes before those rows."""

    THROUGH_OTHERS = 0
    OWN = 1
    ACCOUNT = 9


@dataclass(frozen=True, slots=True)
class People:
    """Whose data: plain values, so that no eraser reads the accounts again. `addresses`: folded."""

    ids: tuple[int, ...]
    public_ids: tuple[UUID, ...]
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """A line of the privacy page (R120, S32). Several entries may share one. French."""

    position: int
    data: str
    period: Callable[[], str]
    why: str


Row = dict[str, str]
# A field's name, or a French label with what to read from the row.
Shown = str | tuple[str, Callable[[Any], Any]]


@dataclass(frozen=True, kw_only=True)
class PersonalData:
    """The rows that refer to a person by `columns` ("app_label.model.field", lower case).

    `rows` finds them: it is what the default eraser of DELETE deletes and what the export lists, so
    that the two cannot differ. `reason` says why this policy.
    """

    title: str
    columns: tuple[str, ...]
    policy: Policy
    reason: str
    kept: Kept
    rows: Callable[[People], QuerySet[Any, Any]]
    shown: tuple[Shown, ...]
    stage: int = Stage.OWN
    erase: Callable[[People, datetime], int] | None = None

    def __post_init__(self) -> None:
        if self.policy == Policy.ANONYMISE and self.erase is None:
            raise TypeError(f"{self.title}: ANONYMISE needs to say how.")
        if self.policy == Policy.KEEP_PSEUDONYMOUS and self.erase is not None:
            raise TypeError(f"{self.title}: KEEP_PSEUDONYMOUS erases nothing.")

    def run(self, people: People, now: datetime) -> int:
        """Erases, in the current transaction. Returns the number of rows it touched."""
        if self.erase is not None:
            return self.erase(people, now)
        return delete_rows(self.rows(people)) if self.policy == Policy.DELETE else 0

    def export(self, people: People) -> list[Row]:
        """One readable line for each row, in the order of their creation."""
        return [self._line(row) for row in self.rows(people).order_by("pk")]

    def _line(self, row: Model) -> Row:
        read: Iterable[tuple[str, str]] = (
            _read_field(row, item) if isinstance(item, str) else (item[0], in_french(item[1](row)))
            for item in self.shown
        )
        return {label: text for label, text in read if text}


def entries() -> list[tuple[str, PersonalData]]:
    """The inventory, in the order of erasure."""
    return sorted(slots.personal_data.items(), key=lambda item: (item[1].stage, item[0]))


def delete_rows(rows: QuerySet[Any, Any]) -> int:
    """One DELETE, without loading a row: what refers to these rows has entries of its own, and the
    foreign keys are checked at the commit, so that a forgotten one fails instead of leaving half.
    """
    unordered: Any = rows.order_by()
    return int(unordered._raw_delete(unordered.db))  # noqa: SLF001  # Django's one-statement delete


def in_words(period: timedelta) -> str:
    """A period in French: years of 365 days as months or years, else days, hours or minutes."""
    minutes = int(period.total_seconds()) // 60
    if period.days and period.days % 365 == 0:
        years = period.days // 365
        return "12\u00a0mois" if years == 1 else f"{years}\u00a0ans"
    for unit, size in (("jour", 24 * 60), ("heure", 60)):
        if minutes >= size and minutes % size == 0:
            count = minutes // size
            return f"{count}\u00a0{unit}{'s' if count > 1 else ''}"
    return f"{minutes}\u00a0minute{'s' if minutes > 1 else ''}"


def setting_in_words(kind: str) -> str:
    """The period of RETENTION[kind], as in force now."""
    return in_words(settings.RETENTION[kind])


def for_setting(kind: str) -> Callable[[], str]:
    """`Kept.period` of what a purge removes after RETENTION[kind]."""
    return partial(setting_in_words, kind)


def in_french(value: Any) -> str:
    """A value as a person reads it; empty for nothing."""
    match value:
        case None | "":
            return ""
        case bool():
            return "oui" if value else "non"
        case datetime():
            return french_moment(value)
        case date():
            return french_date(value)
        case list() | tuple():
            return ", ".join(in_french(item) for item in value)
        case dict():
            return "\u202f; ".join(f"{key}\u00a0: {in_french(item)}" for key, item in value.items())
        case _:
            return str(value)


def _read_field(row: Model, name: str) -> tuple[str, str]:
    field = row._meta.get_field(name)
    label = str(getattr(field, "verbose_name", name))
    display = getattr(row, f"get_{name}_display", None)
    value = display() if callable(display) else getattr(row, name)
    return label[:1].upper() + label[1:], in_french(value)
