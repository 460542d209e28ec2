"""Celery tasks of sign-up and login. The work to do is in tables; Celery only triggers it."""

from datetime import datetime

from accounts.entry.upkeep import purge as old
from accounts.entry.upkeep import sweep
from mgestion.jobs.decorators import daily_task, sweep_task


@sweep_task("entry.settle")
def settle_posted_requests(now: datetime) -> dict[str, int]:
    """Posted sign-ups, resets, losses and unlocks, oldest first."""
    return dict(sweep.settle_posted_requests(now))


@daily_task("entry.purge")
def purge_entry(now: datetime) -> dict[str, int]:
    return old.purge_entry_rows(now)
