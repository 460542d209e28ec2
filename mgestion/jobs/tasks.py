"""Upkeep of the toolbox."""

from celery import shared_task
from django.utils import timezone

from mgestion.dates import paris_date
from mgestion.jobs import flows


@shared_task
def beat() -> None:
    """Came from beat, through the broker, to a worker that reached the database."""
    flows.sweep("jobs.beat", timezone.now(), lambda: None)


@shared_task
def purge() -> None:
    """Once a Paris day; tried each hour until it succeeds."""
    now = timezone.now()
    flows.run_in_slot("jobs.purge", str(paris_date(now)), now, lambda: flows.purge_runs(now))
