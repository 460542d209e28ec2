"""Upkeep of this room."""

from celery import shared_task
from django.utils import timezone

from accounts.habilitations import tokens
from mgestion.dates import paris_date
from mgestion.jobs import flows as jobs


@shared_task
def warn_of_expiry() -> None:
    """Once a Paris day; tried each hour until it succeeds."""
    now = timezone.now()
    jobs.run_in_slot(
        "habilitations.tokens", str(paris_date(now)), now, lambda: tokens.warn_of_expiry(now)
    )
