"""Whether the portal can serve, and what it measures. Reads only."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.utils import timezone

from mgestion import slots
from mgestion.jobs.flows import last_successes, partly_failed

_log = logging.getLogger(__name__)
# A job that never ran is late from here on, or from the last deployment that migrated.
_process_started = timezone.now()


@dataclass(frozen=True, slots=True)
class Problem:
    check: str
    text: str


class _Migrations:
    """Whether the schema is what the code expects: once it is, this process asks no more."""

    applied = False

    @classmethod
    def missing(cls) -> list[str]:
        if cls.applied:
            return []
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        cls.applied = not plan
        return [f"{step.app_label}.{step.name}" for step, _ in plan]


def find_problems(now: datetime) -> list[Problem]:
    """What keeps the portal from being ready; empty when it is. Never raises."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        missing = _Migrations.missing()
    except Exception:  # noqa: BLE001  # whatever it is, the answer is « not ready »
        _log.exception("The database doesn't answer")
        return [Problem("database", "does not answer")]
    if missing:
        return [Problem("migrations", f"not applied: {', '.join(missing[:5])}")]
    found: list[Problem] = []
    for name, check in [*slots.readiness.items(), ("jobs", late_jobs)]:
        found.extend(_ask(name, check, now))
    return found


def late_jobs(now: datetime) -> tuple[bool, str]:
    """Every scheduled job succeeded within its time."""
    done = last_successes()
    since = max(_process_started, _last_migrated() or _process_started)
    late = [
        f"{name} (last success: {done.get(name, 'never')})"
        for name, job in slots.jobs.items()
        if now - done.get(name, since) > job.late_after
    ]
    return not late, f"late: {', '.join(late)}" if late else "on time"


def _last_migrated() -> datetime | None:
    last: datetime | None = MigrationRecorder(connection).migration_qs.aggregate(
        last=Max("applied")
    )["last"]
    return last


def _ask(name: str, check: Callable[[datetime], tuple[bool, str]], now: datetime) -> list[Problem]:
    try:
        is_well, text = check(now)
    except Exception:  # noqa: BLE001  # one room's broken check is a problem to show, not a 500
        _log.exception("The check %s failed", name)
        return [Problem(name, "the check failed")]
    return [] if is_well else [Problem(name, text)]


def collect_metrics(now: datetime) -> Mapping[str, float]:
    """Every metric of every room, `<room>_<name>` → value."""
    values: dict[str, float] = {}
    for measure in slots.metrics.values():
        values.update(measure(now))
    for job, rows in partly_failed().items():
        values[f'job_failed_rows{{job="{job}"}}'] = float(rows)
    for job, last in last_successes().items():
        key = f'job_last_success_age_seconds{{job="{job}"}}'
        values[key] = max(0.0, (now - last).total_seconds())
    return values
