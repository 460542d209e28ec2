"""The sweep of this room."""

from celery import shared_task
from django.utils import timezone

from accounts.legal.announcing import announce as announce_versions
from mgestion.jobs import flows as jobs


@shared_task
def announce() -> None:
    now = timezone.now()
    jobs.sweep("legal.announce", now, lambda: announce_versions(now))
