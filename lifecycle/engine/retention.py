"""Retention of the lifecycle's own rows and of the erasure list."""

from datetime import datetime

from django.conf import settings

from accounts.leaving import erasure_list
from lifecycle.ledger import entries
from lifecycle.models import Hold, LifecycleCase, LifecycleRun
from lifecycle.rules import config


def purge_lifecycle_records(now: datetime) -> dict[str, int]:
    """Deletes ledger lines, runs, closed cases and released holds older than RETENTION["ledger"].
    Returns the counts by kind.
    """
    if config.is_enabled():  # switched off on a restored backup, which would answer for the old one
        erasure_list.settle_undecided(now)
    before = now - settings.RETENTION["ledger"]
    return {
        "ledger": entries.purge_ledger(now),
        "runs": LifecycleRun.objects.filter(started_at__lt=before).delete()[0],
        "cases": LifecycleCase.objects.filter(closed_at__lt=before).delete()[0],
        "erasure_list": erasure_list.forget_old_erasures(now - 2 * settings.RETENTION["backups"]),
        "holds": Hold.objects.filter(released_at__lt=before).delete()[0],
    }
