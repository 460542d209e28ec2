"""Celery tasks: heartbeat and purge of old runs."""

from datetime import datetime

from celery import current_app

from mgestion import slots
from mgestion.jobs import flows
from mgestion.jobs.decorators import daily_task, sweep_task


@sweep_task("jobs.beat")
def record_heartbeat(now: datetime) -> dict[str, int]:
    """Proves that beat, broker, worker and database work; starts the jobs that staff asked for."""
    return flows.start_asked_runs(now, _send)


def _send(job: str, again: str) -> None:
    if job in slots.jobs:
        current_app.send_task(slots.jobs[job].task, kwargs={"again": again})


@daily_task("jobs.purge")
def purge_job_runs(now: datetime) -> dict[str, int]:
    return flows.purge_runs(now)
