"""The schedule of single logout (sessions on platforms must end soon) and of the daily purge."""

from datetime import timedelta

from mgestion.jobs.scheduled import Queue, ScheduledJob, daily_job

JOBS = {
    "cas.single_logout": ScheduledJob(
        label="Déconnexion unique",
        task="accounts.cas.tasks.deliver_single_logouts",
        every=timedelta(seconds=5),
        late_after=timedelta(minutes=5),
        queue=Queue.PLATFORMS,
    ),
    "cas.purge": daily_job(
        label="Purge des tickets", task="accounts.cas.tasks.purge_tickets_and_logouts", minute="37"
    ),
}
