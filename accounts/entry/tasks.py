"""The sweeps of this room. Their queue is the tables; Celery only wakes them."""

from celery import shared_task
from django.utils import timezone

from accounts.entry.flows import purge as old
from accounts.entry.flows import recovery, sign_up
from mgestion.dates import paris_date
from mgestion.jobs import flows as jobs


@shared_task
def settle() -> None:
    """Posted sign-ups, resets and locked doors, oldest first."""
    now = timezone.now()

    def work() -> dict[str, int]:
        counts: dict[str, int] = {}
        for name, settle_rows in (
            ("sign_up", sign_up.settle_sign_ups),
            ("reset", recovery.settle_resets),
            ("unlock", recovery.settle_unlocks),
        ):
            counts |= {f"{name}.{outcome}": n for outcome, n in settle_rows(now).items()}
        return counts

    jobs.sweep("entry.settle", now, work)


@shared_task
def purge() -> None:
    """Once a Paris day; tried each hour until it succeeds."""
    now = timezone.now()
    jobs.run_in_slot("entry.purge", str(paris_date(now)), now, lambda: old.purge(now))
