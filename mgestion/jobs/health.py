"""Readiness and alarms. Reads only."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.utils import timezone

from mgestion import slots
from mgestion.database.limits import limit_wait
from mgestion.jobs.flows import find_last_successes

_log = logging.getLogger(__name__)
# A job that never ran is late counting from here, or from the last migration.
_process_started = timezone.now()


@dataclass(frozen=True, slots=True)
class HealthProblem:
    check: str
    text: str


class _MigrationCheck:
    """Whether all migrations are applied; a positive answer is cached for the process."""

    applied = False

    @classmethod
    def missing(cls) -> list[str]:
        if cls.applied:
            return []
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        cls.applied = not plan
        return [f"{step.app_label}.{step.name}" for step, _ in plan]


def find_problems(now: datetime) -> list[HealthProblem]:
    """Why this process cannot serve; empty when it can. Never raises, takes some seconds at most.

    What is late is no problem here but an alarm (`find_alarms`): a mail relay that is down must not
    take every web process out of traffic.
    """
    try:
        with limit_wait(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            missing = _MigrationCheck.missing()
    except Exception as trouble:  # noqa: BLE001  # whatever it is, the answer is « not ready »
        _log.error("The database doesn't answer: %s", trouble)  # asked every second
        return [HealthProblem("database", "does not answer")]
    if missing:
        return [HealthProblem("migrations", f"not applied: {', '.join(missing[:5])}")]
    return _run_checks(slots.readiness.items(), now)


def find_alarms(now: datetime) -> list[HealthProblem]:
    """What somebody must look at though the portal serves."""
    return _run_checks([*slots.alarms.items(), ("jobs", check_late_jobs)], now)


def _run_checks(
    checks: Iterable[tuple[str, Callable[[datetime], tuple[bool, str]]]], now: datetime
) -> list[HealthProblem]:
    return [problem for name, check in checks for problem in _run_check(name, check, now)]


def check_late_jobs(now: datetime) -> tuple[bool, str]:
    """Whether every scheduled job succeeded within `late_after`, and a text about late ones."""
    done = find_last_successes()
    since = max(_process_started, _find_last_migration() or _process_started)
    late = [
        f"{name} (last success: {done.get(name, 'never')})"
        for name, job in slots.jobs.items()
        if now - done.get(name, since) > job.late_after
    ]
    return not late, f"late: {', '.join(late)}" if late else "on time"


def _find_last_migration() -> datetime | None:
    last: datetime | None = MigrationRecorder(connection).migration_qs.aggregate(
        last=Max("applied")
    )["last"]
    return last


def _run_check(
    name: str, check: Callable[[datetime], tuple[bool, str]], now: datetime
) -> list[HealthProblem]:
    try:
        is_well, text = check(now)
    except Exception:  # noqa: BLE001  # a broken check is a problem to show, not a 500
        _log.exception("The check %s failed", name)
        return [HealthProblem(name, "the check failed")]
    return [] if is_well else [HealthProblem(name, text)]
