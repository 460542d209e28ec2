"""Each question of a sweep begins at a partial index: flat in the number of accounts."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from lifecycle.engine import settle
from lifecycle.enums import CaseState
from lifecycle.rules import planning, querysets, reviews
from lifecycle.rules.policy import LifecycleRules
from mgestion.text.dates import paris_date
from tests.lifecycle.crowd import analyze, insert_cases, insert_people
from tests.lifecycle.world import at, sweep

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.postgres,
    pytest.mark.usefixtures("production_planner"),
]
NOW = at("2026-06-10 10:00")
RULES = LifecycleRules()


QUESTIONS: dict[str, tuple[Callable[[], QuerySet[Any]], str]] = {
    "away": (lambda: querysets.select_away_accounts(paris_date(NOW), RULES), "user_idle"),
    "staff away": (lambda: querysets.select_away_staff(NOW, RULES), "user_idle_staff"),
    "unread": (lambda: planning._select_acts_without_case(NOW), "user_leaving"),  # noqa: SLF001
    "notice": (lambda: querysets.select_notice_due(paris_date(NOW), RULES), "user_idle"),
    "deactivation": (lambda: querysets.select_deactivation_due(NOW), "case_open_due"),
    "deletion": (lambda: querysets.select_deletion_due(NOW), "case_open_due"),
    "reminder": (lambda: querysets.select_reminder_due(NOW, RULES), "user_pending_age"),
    "purge": (lambda: querysets.select_purge_due(NOW, RULES), "user_pending_age"),
    "agents": (lambda: querysets.select_disable_due(NOW, RULES), "user_idle_staff"),
    "uncased": (settle._select_acts_without_case, "user_leaving"),  # noqa: SLF001
    "review": (lambda: reviews.select_suspensions_to_review(NOW), "user_leaving"),
}


def make_crowd() -> None:
    insert_people(0, 30_000, since=NOW)
    insert_people(30_000, 60, since=NOW - timedelta(days=20), status="deactivated_inactive")
    insert_cases(CaseState.ANNOUNCED, "deactivated_inactive", due=NOW + timedelta(days=9), now=NOW)
    insert_cases(CaseState.CLOSED, "active", due=None, now=NOW, like="p1%")
    analyze()


def test_each_question_and_a_sweep_with_nothing_due_never_read_all_accounts() -> None:
    make_crowd()
    wrong = {}
    for name, (question, index) in QUESTIONS.items():
        plan = question()[:500].explain()
        if index not in plan or re.search(r"Seq Scan on accounts_user\b", plan):
            wrong[name] = plan
    assert wrong == {}

    with CaptureQueriesContext(connection) as queries:
        assert sweep(NOW) is None
    assert len(queries) <= 30
    for query in queries.captured_queries:
        sql = query["sql"]
        if sql.startswith("SELECT") and "accounts_user" in sql:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
            assert not re.search(r"Seq Scan on accounts_user\b", plan), f"{sql}\n{plan}"
