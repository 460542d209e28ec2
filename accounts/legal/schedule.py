"""When versions to come are announced (a batch a minute spares the mail server), and the purge."""

from datetime import timedelta

from mgestion.jobs.scheduled import ScheduledJob, daily_job

JOBS = {
    "legal.announce": ScheduledJob(
        label="Annonce des conditions",
        task="accounts.legal.tasks.announce_terms",
        every=timedelta(minutes=1),
        late_after=timedelta(hours=1),
    ),
    "legal.purge": daily_job(
        label="Purge des demandes de CGU",
        task="accounts.legal.tasks.purge_terms_requests",
        minute="43",
    ),
}
