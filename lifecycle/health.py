"""The lifecycle's metrics for /metrics."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db.models import Count

from lifecycle.enums import CaseState, RunOutcome
from lifecycle.models import Hold, LifecycleCase, LifecycleRun
from lifecycle.rules import querysets, reviews, silent_platforms

WORDS: Final = {
    "lifecycle_failed_accounts": "Accounts that failed in the latest run",
    "lifecycle_holds": "Holds in force, on accounts or on all of them",
    "lifecycle_last_run_stopped": "1: the breaker stopped the latest run",
    "lifecycle_last_run_steps": "What the latest run did, by step",
    "lifecycle_last_run_timestamp_seconds": "When the latest run began; 0: never",
    "lifecycle_open_cases": "Procedures that are open, by state",
    "lifecycle_overdue_deactivations": "Deactivations that are due",
    "lifecycle_overdue_deletions": "Deletions that are due",
    "lifecycle_overdue_reviews": "Reviews past their last day",
    "lifecycle_silent_platforms": "Platforms that should tell their activity and do not",
}


def build_metrics(now: datetime) -> Mapping[str, float]:
    """Open cases by state, open holds, overdue steps, what the last run did, silent platforms, late
    reviews.
    """
    states = dict(
        LifecycleCase.objects.open().order_by().values_list("state").annotate(number=Count("pk"))
    )
    values = {
        f'lifecycle_open_cases{{state="{state}"}}': float(states.get(state, 0))
        for state in CaseState.values
        if state != CaseState.CLOSED
    }
    values["lifecycle_holds"] = Hold.objects.active().count()
    values["lifecycle_overdue_deactivations"] = querysets.select_deactivation_due(now).count()
    values["lifecycle_overdue_deletions"] = querysets.select_deletion_due(now).count()
    latest = LifecycleRun.objects.exclude(finished_at=None).order_by("-started_at").first()
    counts = latest.counts if latest else {}
    values["lifecycle_failed_accounts"] = float(counts.get("failed", 0))
    for step, count in counts.items():
        values[f'lifecycle_last_run_steps{{step="{step}"}}'] = float(count)
    stopped = latest is not None and latest.outcome == RunOutcome.STOPPED
    values["lifecycle_last_run_stopped"] = float(stopped)
    values["lifecycle_last_run_timestamp_seconds"] = (
        latest.started_at.timestamp() if latest else 0.0
    )
    values["lifecycle_silent_platforms"] = len(silent_platforms.find_silent_platforms(now).names)
    values["lifecycle_overdue_reviews"] = reviews.count_overdue_reviews(now)
    return values
