"""The schedule of the jobs' own tasks: heartbeat and purge."""

from datetime import timedelta

from mgestion.jobs.scheduled import ScheduledJob, daily_job

JOBS = {
    "jobs.beat": ScheduledJob(
        label="Battement",
        task="mgestion.jobs.tasks.record_heartbeat",
        every=timedelta(seconds=30),
        late_after=timedelta(minutes=3),
    ),
    "jobs.purge": daily_job(
        label="Purge des exécutions", task="mgestion.jobs.tasks.purge_job_runs", minute="17"
    ),
}
