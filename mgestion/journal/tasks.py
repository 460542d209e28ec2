"""The journal's retention."""

from celery import shared_task
from django.utils import timezone

from mgestion.dates import paris_date
from mgestion.jobs import flows as jobs
from mgestion.journal import flows


@shared_task
def purge() -> None:
    """Once a Paris day; tried each hour until it succeeds."""
    now = timezone.now()
    jobs.run_in_slot(
        "journal.purge", str(paris_date(now)), now, lambda: flows.purge_old_entries(now)
    )
