"""No order asked for, no order given: a queryset without ordering comes back shuffled.

Databases usually return rows in the order of insertion, which hides a missing `order_by` until
production. Django's documented way to change a backend is to subclass it; only `SELECT` changes.
"""

from contextvars import ContextVar
from typing import Any

from django.db.models.expressions import OrderBy
from django.db.models.functions import Random
from django.db.models.sql import compiler

_in_parts = ContextVar("_in_parts", default=False)
"""Whether the parts of a UNION are being compiled: SQLite lets none of them have an order."""
_SHUFFLED = OrderBy(Random())
_compiled: dict[str, Any] = {}
"""What that is in the SQL of each vendor: it is written for most statements of the tests."""


class ShufflingCompiler(compiler.SQLCompiler):
    def get_combinator_sql(self, combinator: str, all: bool) -> tuple[list[str], list[Any]]:
        token = _in_parts.set(True)
        try:
            parts: tuple[list[str], list[Any]] = super().get_combinator_sql(combinator, all)
        finally:
            _in_parts.reset(token)
        return parts

    def get_order_by(self) -> list[Any]:
        order_by: list[Any] = super().get_order_by()
        query = self.query
        if _in_parts.get():
            return order_by
        # Grouped, distinct and combined queries may not be ordered by what they do not select.
        if order_by or query.group_by is not None or query.distinct or query.combinator:
            return order_by
        if self.connection.vendor not in _compiled:
            _compiled[self.connection.vendor] = self.compile(_SHUFFLED)
        return [(_SHUFFLED, (*_compiled[self.connection.vendor], False))]
