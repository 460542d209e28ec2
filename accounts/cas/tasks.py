"""Celery tasks of single sign-on. The work to do is in tables; Celery only triggers it."""

from datetime import datetime

from django.utils import timezone

from accounts.cas.single_logout import logout_delivery, sessions_to_end
from accounts.cas.tickets import session_life, ticket_life
from mgestion.jobs.decorators import daily_task, sweep_task


@sweep_task("cas.single_logout")
def deliver_single_logouts(now: datetime) -> dict[str, int]:
    """Extends the sessions that work elsewhere keeps alive, finds those that ended, and tells their
    platforms.
    """
    extended = session_life.extend_sessions_by_work(now)
    queued = sessions_to_end.queue_ended_sessions(now)
    return {
        "extended": extended,
        "queued": queued,
        **logout_delivery.deliver_due_logouts(timezone.now),
    }


@daily_task("cas.purge")
def purge_tickets_and_logouts(now: datetime) -> dict[str, int]:
    return {**ticket_life.purge_old_tickets(now), **sessions_to_end.purge_logout_log(now)}
