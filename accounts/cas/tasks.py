"""The jobs of this room. Their queue is the tables; Celery only wakes them."""

from datetime import datetime

from django.utils import timezone

from accounts.cas import logout_delivery, session_life, single_logout, tickets
from mgestion.jobs.decorators import daily_task, sweep_task


@sweep_task("cas.single_logout")
def deliver_single_logouts(now: datetime) -> dict[str, int]:
    """Extends the sessions that work elsewhere keeps alive, finds those that ended, and tells their
    platforms.
    """
    extended = session_life.extend_by_work(now)
    queued = single_logout.collect(now)
    return {"extended": extended, "queued": queued, **logout_delivery.deliver_due(timezone.now)}


@daily_task("cas.purge")
def purge_tickets_and_logouts(now: datetime) -> dict[str, int]:
    return {**tickets.purge(now), **single_logout.purge(now)}
