"""Writing many rows of one table by one statement, without an object for each.

Django's `bulk_create` prepares every value of every row in Python: on a sweep of thousands that is
most of the time. Here PostgreSQL gets one array a column that varies, and each value that doesn't
once. The arrays are written here too: psycopg takes many times as long over each element.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Field, JSONField, Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields import NOT_PROVIDED

_ARRAYS = {
    "varchar": "text",  # a cast to varchar(n) would cut in silence, a column refuses
    "text": "text",
    "jsonb": "text",
    "uuid": "uuid",
    "date": "date",
    "timestamp with time zone": "timestamptz",
    "bigint": "bigint",
    "integer": "bigint",
    "smallint": "bigint",
}


def insert_many(
    model: type[Model],
    each: Mapping[str, Sequence[Any]],
    same: Mapping[str, Any],
    *,
    among: tuple[str, QuerySet[Any]] | None = None,
    strict: bool = False,
    key: str = "",
) -> list[Any]:
    """Inserts a row for each place of the lists in `each` (all as long), with the values of `same`
    and the defaults of the fields. Names are columns (« user_id »). Returns the primary keys that
    were written: a row that meets a unique constraint is left out. If `strict`, it raises
    IntegrityError instead, and nothing is returned.
    `key`: the one unique column that a row may meet, so that the other indexes are not asked twice.

    `among`: a column of `each` and a query of the values that it may take, part of the statement:
    what has ceased to be eligible since it was read is left out too. On SQLite the query is asked
    first, under the one write lock. Without the
    primary key in `each`, SQLite returns nothing.
    """
    if not next(iter(each.values()), ()):
        return []
    if connection.vendor != "postgresql":
        return _by_objects(model, each, same, among, strict)
    fields = {str(field.column): field for field in model._meta.concrete_fields}
    constant = _defaults(fields, each, same)
    quote = connection.ops.quote_name
    primary = quote(str(model._meta.pk.column))
    names = [quote(name) for name in (*constant, *each)]
    marks = ["%s"] * len(constant) + [_read(fields[name]) for name in each]
    arrays = [f"%s::{_array(fields[name])}[]" for name in each]
    sql = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(names)}) "  # noqa: S608
        f"SELECT {', '.join(marks)} FROM unnest({', '.join(arrays)}) "
        f"AS each ({', '.join(quote(name) for name in each)})"
    )
    params: list[Any] = [
        fields[name].get_db_prep_save(value, connection) for name, value in constant.items()
    ]
    params += [_sent(fields[name], values) for name, values in each.items()]
    if among is not None:
        column, query = among
        asked = RawSQL("SELECT unnest(%s::bigint[])", [_sent(fields[column], each[column])])
        eligible, its = query.filter(pk__in=asked).order_by().query.sql_with_params()
        # As a test of each row against a hash. As a join it would be planned for the few rows that
        # old statistics promise, and compare each of ours with each that is eligible.
        sql += f" WHERE (each.{quote(column)} IN ({eligible})) IS TRUE"
        params += its
    with connection.cursor() as cursor:
        if strict:
            cursor.execute(sql, params)
            return []
        target = f"({quote(key)}) " if key else ""
        cursor.execute(f"{sql} ON CONFLICT {target}DO NOTHING RETURNING {primary}", params)
        return [row[0] for row in cursor.fetchall()]


def _defaults(
    fields: Mapping[str, "Field[Any, Any]"],
    each: Mapping[str, Sequence[Any]],
    same: Mapping[str, Any],
) -> dict[str, Any]:
    """The columns with one value for all rows. A key that the database gives is left to it."""
    constant: dict[str, Any] = {}
    for name, field in fields.items():
        if name in each or (field.primary_key and field.default is NOT_PROVIDED):
            continue
        constant[name] = same[name] if name in same else field.get_default()
    return constant


def _array(field: "Field[Any, Any]") -> str:
    return _ARRAYS[(field.rel_db_type(connection) or "").partition("(")[0].strip()]


def _read(field: "Field[Any, Any]") -> str:
    name = f"each.{connection.ops.quote_name(str(field.column))}"
    return f"{name}::jsonb" if isinstance(field, JSONField) else name


def _sent(field: "Field[Any, Any]", values: Sequence[Any]) -> str:
    """An array as PostgreSQL reads it: only texts need quotes, and an empty place is NULL."""
    if isinstance(field, JSONField):
        values = [json.dumps(value) for value in values]
    if _array(field) == "text":
        written = ["NULL" if value is None else _quoted(value) for value in values]
    else:
        written = ["NULL" if value is None else str(value) for value in values]
    return f"{{{','.join(written)}}}"


def _quoted(value: Any) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _by_objects(
    model: type[Model],
    each: Mapping[str, Sequence[Any]],
    same: Mapping[str, Any],
    among: tuple[str, QuerySet[Any]] | None,
    strict: bool,
) -> list[Any]:
    attributes = {field.column: field.attname for field in model._meta.concrete_fields}
    rows = [
        {attributes[name]: value for name, value in zip(each, values, strict=True)}
        for values in zip(*each.values(), strict=True)
    ]
    if among is not None:
        column = attributes[among[0]]
        asked = [row[column] for row in rows]
        allowed = set(among[1].filter(pk__in=asked).order_by().values_list("pk", flat=True))
        rows = [row for row in rows if row[column] in allowed]
    shared = {attributes[name]: value for name, value in same.items()}
    objects = [model(**shared, **row) for row in rows]
    manager = model._default_manager
    manager.bulk_create(objects, ignore_conflicts=not strict)
    if strict:
        return []
    given = [item.pk for item in objects if item.pk is not None]
    return list(manager.filter(pk__in=given).values_list("pk", flat=True))
