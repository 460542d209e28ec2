"""What a change of a routing table would move, said before it is saved.

The rows that would move belong to higher packages: they hand their counts down through
`slots.table_effects`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.people.models import User
from mgestion import slots


@dataclass(frozen=True, slots=True)
class MoveResult:
    """How many followed the change, and why each of the others did not."""

    done: int
    left: list[str]


@dataclass(frozen=True, slots=True)
class TableEffect:
    """`words`: what would happen, counted. `offer`: the words of the choice to move them as well;
    empty when they cannot. `move` does it, in the transaction of the change."""

    words: str
    offer: str
    move: Callable[[User, datetime], MoveResult]


# A row as it stands, and the fields that would change: name → (before, after).
Changes = Mapping[str, tuple[Any, Any]]


def list_effects(row: Any, changes: Changes) -> Iterator[TableEffect]:
    for preview in slots.table_effects.values():
        yield from preview(row, changes)
