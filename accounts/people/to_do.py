"""« À vous de répondre »: what waits for a person, on every page where they land.

Each room that may wait for somebody registers a `ToDoSource` in `slots.to_do`. One statement asks
all of them whether anything waits; only those that say yes are then read. It is SQL of ours: every
page asks it, and the query builder takes longer to write it than the rest of a page.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import connection

from accounts.people.models import User
from mgestion import slots
from mgestion.text.dates import french_last_day

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Urgency(IntEnum):
    """The order of the lines; within one, the nearest deadline comes first."""

    BLOCKED = 1  # something is shut until the person acts
    AWAITED = 2  # somebody waits for the answer
    OFFERED = 3  # the person may act
    ANNOUNCED = 4  # nothing to do yet


@dataclass(frozen=True, slots=True)
class ToDoLine:
    """Something that waits for the person.

    `until`: the moment, aware, when the last day to act is over, or None. `day`: that day in words;
    worded from `until` when empty. `platform` (a code) or `establishment` (a key): the tile of
    « Mes services » that says it too, in the words of `tile`.
    """

    urgency: Urgency
    title: str
    text: str
    button: str
    url: str
    until: datetime | None = None
    day: str = ""
    platform: str = ""
    establishment: int = 0
    tile: str = ""

    @property
    def is_blocked(self) -> bool:
        return self.urgency == Urgency.BLOCKED

    @property
    def when(self) -> str:
        """« Jusqu’au mardi 17 mars 2026 inclus (heure de Paris) », or ""."""
        if self.day or self.until is None:
            return self.day
        return f"Jusqu’au {french_last_day(self.until)}"


@dataclass(frozen=True, slots=True)
class ToDoSource:
    """`waits`: an SQL condition, and its values, that is true whenever `list_lines` would answer
    something; it may be true for nothing once in a while, which costs a statement.
    """

    waits: Callable[[User, datetime], tuple[str, Sequence[object]]]
    list_lines: Callable[[User, datetime], Iterable[ToDoLine]]


def list_to_do(
    user: User,
    now: datetime,
    *,
    here: str = "",
    known: Iterable[ToDoLine] = (),
    without: Collection[str] = (),
) -> list[ToDoLine]:
    """What waits for `user`, most urgent first. One statement when nothing does.

    `here`: the path of the page, which does not lead to itself. `known`: the lines of a page that
    holds the rows already, `without`: the names of the sources that it replaces by them.
    """
    sources = [source for name, source in slots.to_do.items() if name not in without]
    found = list(known)
    if sources:
        asked = [source.waits(user, now) for source in sources]
        for source, waits in zip(sources, _ask_all(asked), strict=True):
            if waits:
                found.extend(source.list_lines(user, now))
    return sort_lines(line for line in found if urlsplit(line.url).path != here)


def _ask_all(conditions: Sequence[tuple[str, Sequence[object]]]) -> Sequence[object]:
    """Whether each condition holds; one statement."""
    columns = ", ".join(condition for condition, _ in conditions)
    values: list[Any] = [
        connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
        for _, each in conditions
        for value in each
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", values)
        row: Sequence[object] = cursor.fetchone()
        return row


def sort_lines(lines: Iterable[ToDoLine]) -> list[ToDoLine]:
    return sorted(lines, key=lambda line: (line.urgency, line.until or _NEVER))
