"""The sweeps of this room. Their queue is the tables; Celery only wakes them."""

from celery import shared_task
from django.utils import timezone

from accounts.profile import flows_exports, flows_rights
from mgestion.dates import paris_date
from mgestion.jobs import flows as jobs


@shared_task
def exports() -> None:
    now = timezone.now()
    jobs.sweep("profile.exports", now, lambda: flows_exports.build_due(now))


@shared_task
def purge() -> None:
    """Copies whose day is over: often, since their page promises the hour."""
    now = timezone.now()
    jobs.sweep("profile.purge", now, lambda: flows_exports.purge(now))


@shared_task
def rights() -> None:
    """Once a Paris day, tried each hour until it succeeds: reminders, and what may be forgotten."""
    now = timezone.now()
    jobs.run_in_slot(
        "profile.rights",
        str(paris_date(now)),
        now,
        lambda: flows_rights.remind(now) | flows_rights.purge(now),
    )
