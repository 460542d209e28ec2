"""The Celery tasks of registrations. The tables are their queue; Celery only starts them."""

from datetime import datetime

from django.utils import timezone

from mgestion.jobs.decorators import daily_task, hourly_task, sweep_task
from registrations.desk.decision import presence
from registrations.desk.reminders import clock_flows
from registrations.desk.reminders.undelivered_flows import sweep_undelivered
from registrations.directory import flows as directory_flows
from registrations.directory import known_answers
from registrations.documents import flows as documents_flows
from registrations.documents import jobs as document_jobs
from registrations.establishments import orphans, review_flows
from registrations.evidence.contact_flows import purge_old_contacts
from registrations.evidence.hint_figures import count_hint_figures
from registrations.invitations.jobs import purge_old_invitations
from registrations.promise.response_times import measure_response_times


@sweep_task("registrations.clock")
def watch_due_times(now: datetime) -> dict[str, int]:
    """Remind at 24 h of running clock, escalate at 48 h, and record undelivered mails."""
    return {**clock_flows.remind_and_escalate(now), **sweep_undelivered(now)}


@daily_task("registrations.digest")
def send_digests(now: datetime) -> dict[str, int]:
    """Send the digests once a working day; retried each hour of the morning until it succeeds."""
    return clock_flows.queue_digests(now)


@sweep_task("registrations.askings")
def follow_document_requests(now: datetime) -> dict[str, int]:
    """Close what is awaited for nothing, send the half-way reminders, and scan the files still
    pending.
    """
    return {
        "moot": documents_flows.close_moot_askings(now),
        **document_jobs.send_document_reminders(now),
        **document_jobs.scan_pending_files(now),
    }


@sweep_task("registrations.orphans")
def report_lost_administrators(now: datetime) -> dict[str, int]:
    """Notify the délégations of establishments that lost their last administrator."""
    return orphans.notify_lost_administrators(now)


@daily_task("registrations.files")
def purge_files(now: datetime) -> dict[str, int]:
    """Delete files past their retention, the stale rows of who looks at a request, and the old
    answers of the company directory.
    """
    return {
        **document_jobs.purge_expired_files(now),
        "presences": presence.purge_old_presences(now),
        "directory": known_answers.purge_old_answers(now),
    }


@daily_task("registrations.hint_figures")
def count_hints(now: datetime) -> dict[str, int]:
    """Count how often each signal ended in a refusal, and drop a list of contacts that has become
    too old.
    """
    return {**count_hint_figures(now), "contacts": purge_old_contacts(now)}


@daily_task("registrations.invitations")
def purge_invitations(now: datetime) -> dict[str, int]:
    """Delete invitations past their retention of which no request came."""
    return purge_old_invitations(now)


@sweep_task("registrations.companies")
def look_up_companies(now: datetime) -> dict[str, int]:
    """Ask the company directory about the SIRETs of open requests that have no answer yet."""
    return directory_flows.look_up_due_companies(now, timezone.now)


@sweep_task("registrations.reviews")
def advance_access_reviews(now: datetime) -> dict[str, int]:
    """Open the access reviews that are due, remind administrators, close finished reviews."""
    return review_flows.advance_reviews(now)


@hourly_task("registrations.response_times")
def measure_delegations(now: datetime) -> dict[str, int]:
    """Measure how fast each délégation answered these 30 days, for the applicants' pages."""
    return measure_response_times(now)
