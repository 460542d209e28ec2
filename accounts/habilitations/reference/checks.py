"""What is said when a choice of the form has no destination."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from django.db import connections

from accounts.habilitations.reference.models import Department
from accounts.habilitations.reference.querysets import list_unrouted_choices


def check_routing(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """`manage.py check --database default` lists what is unrouted; silent before the tables are
    filled.
    """
    if not databases or "default" not in databases:
        return []
    if Department._meta.db_table not in connections["default"].introspection.table_names():
        return []
    if not Department.objects.exists():
        return []
    return [
        CheckWarning(
            text,
            hint="See « départements », « branches » and « DGA » in the admin.",
            id="habilitations.W001",
        )
        for text in list_unrouted_choices()
    ]


WORDS: Final = {
    "habilitations_unrouted_choices": "Choices of the form that lead to no délégation or DGA"
}


def measure_unrouted(now: datetime) -> dict[str, float]:
    """How many choices of the form lead nowhere, for the metrics page."""
    return {"habilitations_unrouted_choices": len(list_unrouted_choices())}
