"""No order asked for, no order given: a queryset without ordering comes back shuffled.

Databases usually return rows in the order of insertion, which hides a missing `order_by` until
production. Django's documented way to change a backend is to subclass it; only `SELECT` changes.
"""

from typing import Any

from django.db.models.expressions import OrderBy
from django.db.models.functions import Random
from django.db.models.sql import compiler


class ShufflingCompiler(compiler.SQLCompiler):
    def get_order_by(self) -> list[Any]:
        order_by: list[Any] = super().get_order_by()
        query = self.query
        # Grouped, distinct and combined queries may not be ordered by what they do not select.
        if order_by or query.group_by is not None or query.distinct or query.combinator:
            return order_by
        order = OrderBy(Random())
        sql, params = self.compile(order)
        return [(order, (sql, params, False))]
