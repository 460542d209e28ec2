"""Opens many lifecycle cases by one statement that checks eligibility again while it writes."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from accounts.people.models import User
from lifecycle.models import LifecycleCase

# The columns that differ between the cases of a batch, with their types.
_EACH: Final = {
    "id": "uuid",
    "user_id": "bigint",
    "anchor": "date",
    "anchor_ends": "timestamptz",
    "mail_id": "uuid",
}
_SAME: Final = ("cause", "state", "opened_at", "mails", "outcome")


def insert_eligible_cases(cases: Sequence[LifecycleCase], eligible: QuerySet[User]) -> set[UUID]:
    """Returns the primary keys of the cases that were written: an account that has left `eligible`
    since it was read, or that has such a case already, gets none.
    """
    if not cases:
        return set()
    allowed = eligible.filter(pk__in=[case.user_id for case in cases]).order_by().values("pk")
    if connection.vendor != "postgresql":  # SQLite has one writer at a time
        users = set(allowed.values_list("pk", flat=True))
        kept = [case for case in cases if case.user_id in users]
        LifecycleCase.objects.bulk_create(kept, ignore_conflicts=True)
        written = LifecycleCase.objects.filter(pk__in=[case.pk for case in kept])
        return set(written.values_list("pk", flat=True))
    condition, its_params = allowed.query.sql_with_params()
    arrays = ", ".join(f"%s::{kind}[]" for kind in _EACH.values())
    # A test of each row against a hash: a join would be planned for the few rows that old
    # statistics promise, and compare each case with each eligible account.
    sql = (
        f"INSERT INTO {LifecycleCase._meta.db_table} ({', '.join((*_EACH, *_SAME))}) "  # noqa: S608 - names of our columns
        f"SELECT each.*, %s, %s, %s, %s, %s FROM unnest({arrays}) AS each ({', '.join(_EACH)}) "
        f"WHERE (each.user_id IN ({condition})) IS TRUE ON CONFLICT DO NOTHING RETURNING id"
    )
    params: list[Any] = [getattr(cases[0], name) for name in _SAME]
    params += [[getattr(case, name) for case in cases] for name in _EACH]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *its_params])
        return {row[0] for row in cursor.fetchall()}
