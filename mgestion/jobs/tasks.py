"""Celery tasks: heartbeat and purge of old runs."""

from datetime import datetime

from mgestion.jobs import flows
from mgestion.jobs.decorators import daily_task, sweep_task


@sweep_task("jobs.beat")
def record_heartbeat(now: datetime) -> None:
    """Proves that beat, broker, worker and database work."""


@daily_task("jobs.purge")
def purge_job_runs(now: datetime) -> dict[str, int]:
    return flows.purge_runs(now)
