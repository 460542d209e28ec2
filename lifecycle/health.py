"""The lifecycle's metrics for /metrics."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count

from lifecycle.enums import CaseState
from lifecycle.models import Hold, LifecycleCase, LifecycleRun
from lifecycle.rules import querysets, reviews, silent_platforms


def build_metrics(now: datetime) -> Mapping[str, float]:
    """Open cases by state, open holds, overdue steps, accounts that failed in the last run, silent
    platforms, late reviews.
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
    values["lifecycle_failed_accounts"] = float(latest.counts.get("failed", 0)) if latest else 0.0
    values["lifecycle_silent_platforms"] = len(silent_platforms.find_silent_platforms(now).names)
    values["lifecycle_overdue_reviews"] = reviews.count_overdue_reviews(now)
    return values
