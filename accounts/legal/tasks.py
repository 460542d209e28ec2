"""The sweeps of this room."""

from celery import shared_task
from django.utils import timezone

from accounts.legal import flows_requests
from accounts.legal.announcing import announce as announce_versions
from mgestion.dates import paris_date
from mgestion.jobs import flows as jobs


@shared_task
def announce() -> None:
    now = timezone.now()
    jobs.sweep("legal.announce", now, lambda: announce_versions(now))


@shared_task
def purge() -> None:
    """Once a Paris day; tried each hour until it succeeds."""
    now = timezone.now()
    jobs.run_in_slot("legal.purge", str(paris_date(now)), now, lambda: flows_requests.purge(now))
