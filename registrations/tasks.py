"""The jobs of this room. Their queue is the tables; Celery only wakes them."""

from datetime import datetime

from django.utils import timezone

from mgestion.jobs.decorators import daily_task, sweep_task
from registrations import upkeep
from registrations.desk.reminders import clock_flows
from registrations.desk.reminders.undelivered_flows import sweep_undelivered
from registrations.directory import flows as directory_flows
from registrations.establishments import orphans, review_flows


@sweep_task("registrations.clock")
def watch_due_times(now: datetime) -> dict[str, int]:
    """Reminders at 24 h of running clock, escalations at 48 h, and mails that never arrived."""
    return {**clock_flows.sweep(now), **sweep_undelivered(now)}


@daily_task("registrations.digest")
def send_digests(now: datetime) -> dict[str, int]:
    """Once a working day; tried each hour of the morning until it succeeds."""
    return clock_flows.digests(now)


@sweep_task("registrations.askings")
def follow_document_requests(now: datetime) -> dict[str, int]:
    """Half-way reminders of awaited documents, and files that wait for the antivirus."""
    return {**upkeep.send_document_reminders(now), **upkeep.scan_pending_files(now)}


@sweep_task("registrations.orphans")
def report_lost_administrators(now: datetime) -> dict[str, int]:
    """Establishments that lost their last administrator."""
    return orphans.notify_lost_administrators(now)


@daily_task("registrations.files")
def purge_files(now: datetime) -> dict[str, int]:
    """Files whose time is over."""
    return upkeep.purge_expired_files(now)


@sweep_task("registrations.companies")
def look_up_companies(now: datetime) -> dict[str, int]:
    """SIRETs of open requests that the company directory was not asked about yet."""
    return directory_flows.look_up_due_companies(now, timezone.now)


@sweep_task("registrations.reviews")
def advance_access_reviews(now: datetime) -> dict[str, int]:
    """Reviews of accesses to open, to remind of, to close."""
    return review_flows.advance_reviews(now)
