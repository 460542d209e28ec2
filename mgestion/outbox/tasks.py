"""The sweeps of the outbox. Their queue is the table; Celery only wakes them."""

from uuid import uuid4

from celery import shared_task
from django.utils import timezone

from mgestion.dates import paris_date
from mgestion.jobs import flows as jobs
from mgestion.outbox import flows


@shared_task
def deliver_due() -> None:
    # An unreachable server is not a failure of the job: /readyz shows the mails that wait.
    jobs.sweep(
        "outbox.deliver",
        timezone.now(),
        lambda: flows.deliver_due(timezone.now, uuid4()).counts(),
    )


@shared_task
def purge_bodies() -> None:
    """Once a Paris day; tried each hour until it succeeds."""
    now = timezone.now()
    jobs.run_in_slot("outbox.purge", str(paris_date(now)), now, lambda: flows.purge_bodies(now))
