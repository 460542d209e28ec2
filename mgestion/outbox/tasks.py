"""The jobs of the outbox. Their queue is the table; Celery only wakes them."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from mgestion.jobs.decorators import daily_task, sweep_task
from mgestion.outbox import flows
from mgestion.outbox.bounces.mailbox import read_mailbox


@sweep_task("outbox.deliver")
def deliver_mails(now: datetime) -> dict[str, int]:
    """An unreachable server is no failure of the job: the alarm « outbox » tells what waits."""
    return flows.deliver_due_mails(timezone.now, uuid4()).counts()


@sweep_task("outbox.bounces")
def read_bounces(now: datetime) -> dict[str, int]:
    """A mailbox that cannot be read is a failed run; without one there is nothing to read."""
    mailbox = settings.BOUNCE_MAILBOX
    return read_mailbox(mailbox, timezone.now) if mailbox else {}


@daily_task("outbox.purge")
def purge_mails(now: datetime) -> dict[str, int]:
    return flows.purge_old_mails(now)
