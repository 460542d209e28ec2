"""The sweeps of this room. Their queue is the tables; Celery only wakes them."""

from celery import shared_task
from django.utils import timezone

from accounts.cas import logout_delivery, session_life, single_logout, tickets
from mgestion.dates import paris_date
from mgestion.jobs import flows as jobs


@shared_task
def single_logout_sweep() -> None:
    """Extends the sessions that work elsewhere keeps alive, finds those that ended, and tells their
    platforms.
    """
    jobs.sweep("cas.single_logout", timezone.now(), _sweep)


def _sweep() -> dict[str, int]:
    now = timezone.now()
    extended = session_life.extend_by_work(now)
    queued = single_logout.collect(now)
    return {"extended": extended, "queued": queued, **logout_delivery.deliver_due(timezone.now)}


@shared_task
def purge() -> None:
    """Once a Paris day; tried each hour until it succeeds."""
    now = timezone.now()
    jobs.run_in_slot(
        "cas.purge",
        str(paris_date(now)),
        now,
        lambda: {**tickets.purge(now), **single_logout.purge(now)},
    )
