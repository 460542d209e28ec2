"""The jobs of the toolbox."""

from datetime import datetime

from mgestion.jobs import flows
from mgestion.jobs.decorators import daily_task, sweep_task


@sweep_task("jobs.beat")
def record_heartbeat(now: datetime) -> None:
    """Came from beat, through the broker, to a worker that reached the database."""


@daily_task("jobs.purge")
def purge_job_runs(now: datetime) -> dict[str, int]:
    return flows.purge_runs(now)
