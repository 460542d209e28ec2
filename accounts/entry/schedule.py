"""The schedule of posted requests (a person waits for the mail) and of the daily purge."""

from datetime import timedelta

from mgestion.jobs.scheduled import ScheduledJob, daily_job

JOBS = {
    "entry.settle": ScheduledJob(
        label="Inscriptions et réinitialisations",
        task="accounts.entry.tasks.settle_posted_requests",
        every=timedelta(seconds=2),
        late_after=timedelta(minutes=5),
    ),
    "entry.purge": daily_job(
        label="Purge des connexions", task="accounts.entry.tasks.purge_entry", minute="37"
    ),
}
