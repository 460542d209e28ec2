"""When the sweeps of this room run: a person is waiting for the mail; the purge can wait."""

from datetime import timedelta

from mgestion.jobs.scheduled import ScheduledJob, daily_job

JOBS = {
    "entry.settle": ScheduledJob(
        task="accounts.entry.tasks.settle_posted_requests",
        every=timedelta(seconds=2),
        late_after=timedelta(minutes=5),
    ),
    "entry.purge": daily_job("accounts.entry.tasks.purge_entry", minute="37"),
}
