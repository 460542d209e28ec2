"""Statements written by hand, for the few that every request asks: the query builder takes longer
to write them, each time, than the database to answer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import Model

_Row = TypeVar("_Row", bound=Model)


def moment(at: datetime) -> datetime | str:
    """`at` (aware) as the database at hand takes it for a parameter."""
    return cast("datetime | str", connection.ops.adapt_datetimefield_value(at))


def first(model: type[_Row], sql: str, params: Sequence[Any]) -> _Row | None:
    """The first row that `sql` finds, or None. A column that is no field of `model` becomes an
    attribute of its name; a field that is not named is read when it is asked.
    """
    return next(iter(model._default_manager.raw(sql, params)), None)
