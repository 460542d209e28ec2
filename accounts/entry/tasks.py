"""The jobs of this room. Their queue is the tables; Celery only wakes them."""

from datetime import datetime

from accounts.entry.flows import purge as old
from accounts.entry.flows import recovery, sign_up
from mgestion.jobs.decorators import daily_task, sweep_task


@sweep_task("entry.settle")
def settle_posted_requests(now: datetime) -> dict[str, int]:
    """Posted sign-ups, resets and unlocks, oldest first."""
    counts: dict[str, int] = {}
    for name, settle_rows in (
        ("sign_up", sign_up.settle_sign_ups),
        ("reset", recovery.settle_resets),
        ("unlock", recovery.settle_unlocks),
    ):
        counts |= {f"{name}.{outcome}": n for outcome, n in settle_rows(now).items()}
    return counts


@daily_task("entry.purge")
def purge_entry(now: datetime) -> dict[str, int]:
    return old.purge(now)
