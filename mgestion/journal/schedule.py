"""The schedule of the journal's purge."""

from mgestion.jobs.scheduled import daily_job

JOBS = {
    "journal.purge": daily_job(
        label="Purge du journal", task="mgestion.journal.tasks.purge_journal", minute="37"
    ),
}
