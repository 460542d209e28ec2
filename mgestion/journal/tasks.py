"""Celery task: retention of the journal."""

from datetime import datetime

from mgestion.jobs.decorators import daily_task
from mgestion.journal import flows


@daily_task("journal.purge")
def purge_journal(now: datetime) -> dict[str, int]:
    return flows.purge_old_entries(now)
