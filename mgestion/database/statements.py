"""Statements written by hand, for the few that every request asks: the query builder takes longer
to write them, each time, than the database to answer, and `raw` as long to read what it answered.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from django.db import connection
from django.db.models import Field, Model

_Row = TypeVar("_Row", bound=Model)
_Converters = list[tuple[int, Any, list[Callable[..., Any]]]]


def moment(at: datetime) -> datetime | str:
    """`at` (aware) as the database at hand takes it for a parameter."""
    return cast("datetime | str", connection.ops.adapt_datetimefield_value(at))


class Statement(Generic[_Row]):
    """SQL that answers rows of `model`, prepared at its first use.

    « {row} » in it, first among what it selects, becomes the columns of the fields `only` (all of
    them by default), prefixed by `alias` when there is one; a field left out is read when it is
    asked. What is selected after them is named in `more`, and becomes attributes of these names.
    """

    def __init__(
        self,
        model: type[_Row],
        sql: str,
        *,
        alias: str = "",
        only: Sequence[str] = (),
        more: Sequence[str] = (),
    ) -> None:
        self._model, self._template = model, sql
        self._alias, self._only, self._more = alias, only, more

    def rows(self, params: Sequence[Any]) -> list[_Row]:
        """In the statement's order."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            return [self._row(values) for values in cursor.fetchall()]

    def first(self, params: Sequence[Any]) -> _Row | None:
        return next(iter(self.rows(params)), None)

    def _row(self, found: Sequence[Any]) -> _Row:
        values = list(found)
        for place, column, converters in self._converters:
            for convert in converters:
                values[place] = convert(values[place], column, connection)
        row = self._model.from_db(connection.alias, self._names, values[: len(self._names)])
        vars(row).update(zip(self._more, values[len(self._names) :], strict=True))
        return row

    @cached_property
    def _fields(self) -> "list[Field[Any, Any]]":
        fields = self._model._meta.concrete_fields
        return [field for field in fields if not self._only or field.attname in self._only]

    @cached_property
    def _names(self) -> list[str]:
        return [field.attname for field in self._fields]

    @cached_property
    def _sql(self) -> str:
        prefix = f"{self._alias}." if self._alias else ""
        quote = connection.ops.quote_name
        columns = [f"{prefix}{quote(str(field.column))}" for field in self._fields]
        return self._template.format(row=", ".join(columns))

    @cached_property
    def _converters(self) -> _Converters:
        """Where the database answers something else than the field holds: on PostgreSQL, JSON."""
        columns = [field.get_col(self._model._meta.db_table) for field in self._fields]
        found = [
            (place, column, [*connection.ops.get_db_converters(column), *of_field])
            for place, column in enumerate(columns)
            for of_field in [column.get_db_converters(connection)]
        ]
        return [entry for entry in found if entry[2]]


class Change:
    """An UPDATE of `model` by hand, prepared at its first use: sets the fields `sets` where `where`
    holds. Each « %s » of `where` takes the value of the field that `given` names in its place.
    """

    def __init__(
        self, model: type[Model], *, sets: Sequence[str], where: str, given: Sequence[str]
    ) -> None:
        self._model, self._sets, self._where, self._given = model, sets, where, given

    def make(self, values: Sequence[Any], given: Sequence[Any]) -> int:
        """How many rows it changed. The values in the order of `sets`, then those of `given`."""
        params = [
            field.get_db_prep_save(value, connection)
            for field, value in zip(self._fields, [*values, *given], strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            return int(cursor.rowcount)

    @cached_property
    def _fields(self) -> "list[Field[Any, Any]]":
        find = self._model._meta.get_field
        return [cast("Field[Any, Any]", find(name)) for name in [*self._sets, *self._given]]

    @cached_property
    def _sql(self) -> str:
        quote = connection.ops.quote_name
        changed = self._fields[: len(self._sets)]
        assignments = ", ".join(f"{quote(str(field.column))} = %s" for field in changed)
        table = quote(self._model._meta.db_table)
        return f"UPDATE {table} SET {assignments} WHERE {self._where}"  # noqa: S608  # code's words
