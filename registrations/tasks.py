"""The sweeps of this room. Their queue is the tables; Celery only wakes them."""

from celery import shared_task
from django.utils import timezone

from mgestion.dates import paris_date
from mgestion.jobs import flows as jobs
from registrations import upkeep
from registrations.desk.reminders import clock_flows
from registrations.desk.reminders.undelivered_flows import sweep_undelivered
from registrations.directory import flows as directory
from registrations.establishments import orphans as lost_administrators
from registrations.establishments import review_flows


@shared_task
def clock() -> None:
    """Reminders at 24 h of running clock, escalations at 48 h, and mails that never arrived."""
    now = timezone.now()
    jobs.sweep(
        "registrations.clock", now, lambda: {**clock_flows.sweep(now), **sweep_undelivered(now)}
    )


@shared_task
def digest() -> None:
    """Once a working day; tried each hour of the morning until it succeeds."""
    now = timezone.now()
    jobs.run_in_slot(
        "registrations.digest", str(paris_date(now)), now, lambda: clock_flows.digests(now)
    )


@shared_task
def askings() -> None:
    """Half-way reminders of awaited documents, and files that wait for the antivirus."""
    now = timezone.now()
    jobs.sweep(
        "registrations.askings", now, lambda: {**upkeep.remind(now), **upkeep.scan_pending(now)}
    )


@shared_task
def orphans() -> None:
    """Establishments that lost their last administrator."""
    now = timezone.now()
    jobs.sweep("registrations.orphans", now, lambda: lost_administrators.sweep(now))


@shared_task
def files() -> None:
    """Once a Paris day: files whose time is over; tried each hour until it succeeds."""
    now = timezone.now()
    jobs.run_in_slot("registrations.files", str(paris_date(now)), now, lambda: upkeep.purge(now))


@shared_task
def companies() -> None:
    """SIRETs of open requests that the company directory was not asked about yet."""
    now = timezone.now()
    jobs.sweep("registrations.companies", now, lambda: directory.sweep(now, timezone.now))


@shared_task
def access_reviews() -> None:
    """Reviews of accesses to open, to remind of, to close."""
    now = timezone.now()
    jobs.sweep("registrations.reviews", now, lambda: review_flows.sweep(now))
