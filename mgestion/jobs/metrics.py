"""The figures of /metrics that are read when it is asked: alarms, jobs, database, switches."""

import logging
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import connection

from mgestion import VERSION, slots
from mgestion.database.clock import measure_clock_skew
from mgestion.database.limits import limit_wait
from mgestion.jobs import health
from mgestion.jobs.flows import count_failed_rows
from mgestion.jobs.models import JobTotal

_log = logging.getLogger(__name__)
_PATIENCE: Final = 5.0  # seconds for one statement

WORDS: Final = {
    "alarm": "1: somebody must look at it, though the portal serves",
    "build_info": "Always 1; the version that answers",
    "clock_skew_seconds": "The database's clock minus that of the process that answers",
    "data_folder_bytes": "Size of the disk that holds DATA_DIR",
    "data_folder_free_bytes": "What is free on the disk that holds DATA_DIR",
    "database_bytes": "Size of the database on disk",
    "database_connections": "Connections to this database, of all processes, by state",
    "database_max_connections": "max_connections of the server",
    "database_up": "1: the database answers; without it only the counters are here",
    "job_failed_rows": "Rows that failed in the latest run of a job",
    "job_failures_total": "Runs of a job that ended with an error, since its first one",
    "job_last_run_seconds": "Duration of the latest run of a job",
    "job_last_success_timestamp_seconds": "When a job last succeeded; 0: never",
    "job_overdue_after_seconds": "How long a job may go without success",
    "job_runs_total": "Runs of a job, since its first one",
    "job_seconds_total": "Time spent in a job, since its first run",
    "scrape_failures": "Groups of figures that could not be read this time",
    "switch": "1: the switch is on (lifecycle: steps run; maintenance: the portal is closed)",
}


def collect_figures(now: datetime) -> tuple[dict[str, float], dict[str, str]]:
    """Figures of every application by name, and what each says. A group that fails is left out, and
    counted: figures are most wanted when something is broken.
    """
    words = dict(WORDS)
    for more in slots.metric_words.values():
        words.update(more)
    figures: dict[str, float] = {
        f'build_info{{version="{VERSION}"}}': 1.0,
        **measure_switches(),
        **measure_data_folder(),
    }
    groups: list[Callable[[datetime], Mapping[str, float]]] = [
        measure_database,
        measure_alarms,
        measure_jobs,
        *slots.metrics.values(),
    ]
    failures = 0
    for group in groups:
        try:
            with limit_wait(connection, _PATIENCE):
                figures.update(group(now))
        except Exception as trouble:  # noqa: BLE001  # the others are still worth reading
            _log.warning("Figures could not be read: %s", trouble)
            failures += 1
            if group is measure_database:  # each of the others would wait for it too
                failures = len(groups)
                break
    figures.setdefault("database_up", 0.0)
    figures["scrape_failures"] = float(failures)
    return figures, words


def measure_switches() -> dict[str, float]:
    closed = os.path.lexists(settings.DATA_DIR / "MAINTENANCE")
    return {
        'switch{name="lifecycle"}': float(settings.LIFECYCLE_ENABLED),
        'switch{name="maintenance"}': float(closed),
    }


def measure_data_folder() -> dict[str, float]:
    """Nothing where it cannot be asked: /readyz says that."""
    try:
        disk = shutil.disk_usage(settings.DATA_DIR)
    except OSError:
        return {}
    return {"data_folder_bytes": float(disk.total), "data_folder_free_bytes": float(disk.free)}


def measure_database(now: datetime) -> dict[str, float]:
    """On PostgreSQL also connections, which run out first, and the size."""
    if connection.vendor != "postgresql":
        return {"database_up": 1.0}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() GROUP BY 1"
        )
        states = dict(cursor.fetchall())
        cursor.execute(
            "SELECT current_setting('max_connections'), pg_database_size(current_database())"
        )
        most, size = cursor.fetchone()
    return {
        "database_up": 1.0,
        "clock_skew_seconds": measure_clock_skew(),
        "database_max_connections": float(most),
        "database_bytes": float(size),
        **{
            f'database_connections{{state="{state}"}}': float(count)
            for state, count in states.items()
        },
    }


def measure_alarms(now: datetime) -> dict[str, float]:
    ringing = {problem.check for problem in health.find_alarms(now)}
    return {f'alarm{{check="{name}"}}': float(name in ringing) for name in (*slots.alarms, "jobs")}


def measure_jobs(now: datetime) -> dict[str, float]:
    """Every scheduled job has its lines, one that never ran too."""
    totals = {total.job: total for total in JobTotal.objects.all()}
    figures: dict[str, float] = {}
    for name, job in slots.jobs.items():
        total = totals.get(name, JobTotal(job=name))
        success = total.last_success_at
        for measure, value in (
            ("job_runs_total", total.runs),
            ("job_failures_total", total.failures),
            ("job_seconds_total", total.seconds),
            ("job_last_run_seconds", total.last_seconds),
            ("job_last_success_timestamp_seconds", success.timestamp() if success else 0.0),
            ("job_overdue_after_seconds", job.late_after.total_seconds()),
        ):
            figures[f'{measure}{{job="{name}"}}'] = float(value)
    for name, rows in count_failed_rows().items():
        figures[f'job_failed_rows{{job="{name}"}}'] = float(rows)
    return figures
