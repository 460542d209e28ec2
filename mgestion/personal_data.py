"""The inventory of personal data, used by erasure, export, the privacy page and the tests.

Each application's `personal_data.py` describes its columns that refer to a person, by foreign key
or by opaque id, and registers the entries in `slots.personal_data`. A column without an entry fails
`tests/personal_data/test_inventory.py`.
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


class ErasurePolicy(StrEnum):
    """What an erasure does to the rows of an entry."""

    DELETE = "delete"
    ANONYMISE = "anonymise"  # the row stays, without the person
    KEEP_PSEUDONYMOUS = "keep_pseudonymous"  # an opaque id or a keyed hash stays


class ErasureStage:
    """The order of erasure: rows found through other rows come before those."""

    THROUGH_OTHERS = 0
    OWN = 1
    ACCOUNT = 9


@dataclass(frozen=True, slots=True)
class DataSubjects:
    """The people concerned, as plain values: erasers read no accounts. `addresses`: folded."""

    ids: tuple[int, ...]
    public_ids: tuple[UUID, ...]
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class RetentionLine:
    """A line of the privacy page, in French; several entries may share one."""

    position: int
    data: str
    period: Callable[[], str]
    why: str


SelectRows = Callable[[DataSubjects], QuerySet[Any, Any]]
Row = dict[str, str]
# A field's name, or a French label and a function of the row.
Shown = str | tuple[str, Callable[[Any], Any]]


@dataclass(frozen=True, kw_only=True)
class PersonalData:
    """The rows that refer to a person by `columns` ("app_label.model.field", lower case).

    They are deleted unless `policy` says otherwise. `rows` selects them, for that and the export.
    `reason`: why this policy.
    """

    title: str
    columns: tuple[str, ...] = ()
    policy: ErasurePolicy = ErasurePolicy.DELETE
    reason: str
    kept: RetentionLine
    rows: SelectRows
    shown: tuple[Shown, ...]
    stage: int = ErasureStage.OWN
    erase: Callable[[DataSubjects, datetime], int] | None = None

    def __post_init__(self) -> None:
        if self.policy == ErasurePolicy.ANONYMISE and self.erase is None:
            raise TypeError(f"{self.title}: ANONYMISE needs to say how.")
        if self.policy == ErasurePolicy.KEEP_PSEUDONYMOUS and self.erase is not None:
            raise TypeError(f"{self.title}: KEEP_PSEUDONYMOUS erases nothing.")

    def run(self, people: DataSubjects, now: datetime) -> int:
        """Erases in the current transaction; returns the number of rows."""
        if self.erase is not None:
            return self.erase(people, now)
        return delete_rows(self.rows(people)) if self.policy == ErasurePolicy.DELETE else 0

    def export(self, people: DataSubjects) -> list[Row]:
        """One readable line for each row, in order of creation."""
        return [self._line(row) for row in self.rows(people).order_by("pk")]

    def _line(self, row: Model) -> Row:
        read: Iterable[tuple[str, str]] = (
            _read_field(row, item)
            if isinstance(item, str)
            else (item[0], format_value(item[1](row)))
            for item in self.shown
        )
        return {label: text for label, text in read if text}


def name_columns(model: str, *fields: str) -> tuple[str, ...]:
    return tuple(f"{model}.{field}" for field in fields)


def select_rows(model: type[Model], account: str, *related: str) -> SelectRows:
    """The rows whose foreign key `account` is one of the people's, with `related` rows."""

    def select(people: DataSubjects) -> QuerySet[Any, Any]:
        rows = model._default_manager.filter(**{f"{account}__in": people.ids})
        return rows.select_related(*related) if related else rows

    return select


def describe_acts(
    title: str,
    model: type[Model],
    column: str,
    *shown: Shown,
    reason: str,
    kept: RetentionLine,
) -> PersonalData:
    """Rows of others whose `column` keeps the opaque id of the person who acted on them."""
    return PersonalData(
        title=title,
        columns=(f"{model._meta.label_lower}.{column}",),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason=reason,
        kept=kept,
        rows=lambda people: model._default_manager.filter(**{f"{column}__in": people.public_ids}),
        shown=shown,
    )


def list_entries() -> list[tuple[str, PersonalData]]:
    """The inventory, in the order of erasure."""
    return sorted(slots.personal_data.items(), key=lambda item: (item[1].stage, item[0]))


def delete_rows(rows: QuerySet[Any, Any]) -> int:
    """One DELETE without loading rows. Referring rows have entries of their own; foreign keys are
    checked at the commit, so that a forgotten one fails the whole erasure.
    """
    unordered: Any = rows.order_by()
    return int(unordered._raw_delete(unordered.db))  # noqa: SLF001  # Django's one-statement delete


def format_period(period: timedelta) -> str:
    """A period in French: multiples of 365 days in years (one in months), else days, hours or
    minutes.
    """
    minutes = int(period.total_seconds()) // 60
    if period.days and period.days % 365 == 0:
        years = period.days // 365
        return "12\u00a0mois" if years == 1 else f"{years}\u00a0ans"
    for unit, size in (("jour", 24 * 60), ("heure", 60)):
        if minutes >= size and minutes % size == 0:
            count = minutes // size
            return f"{count}\u00a0{unit}{'s' if count > 1 else ''}"
    return f"{minutes}\u00a0minute{'s' if minutes > 1 else ''}"


def format_retention(kind: str) -> str:
    """RETENTION[kind] in French."""
    return format_period(settings.RETENTION[kind])


def retention_text(kind: str) -> Callable[[], str]:
    """`Kept.period` of what a purge removes after RETENTION[kind]."""
    return partial(format_retention, kind)


def format_value(value: Any) -> str:
    """A value in French; "" for an empty one."""
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
            return ", ".join(format_value(item) for item in value)
        case dict():
            return "\u202f; ".join(
                f"{key}\u00a0: {format_value(item)}" for key, item in value.items()
            )
        case _:
            return str(value)


def _read_field(row: Model, name: str) -> tuple[str, str]:
    field = row._meta.get_field(name)
    label = str(getattr(field, "verbose_name", name))
    display = getattr(row, f"get_{name}_display", None)
    value = display() if callable(display) else getattr(row, name)
    return label[:1].upper() + label[1:], format_value(value)
