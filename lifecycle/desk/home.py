"""The lifecycle's lines on the home page of the national administrators."""

from datetime import datetime

from django.urls import reverse

from lifecycle.enums import RunOutcome
from lifecycle.models import Hold, LifecycleRun
from lifecycle.rules import reviews
from mgestion.admin.home_notices import HomeLine, build_count_line
from mgestion.text.dates import french_moment


def build_home_lines(now: datetime) -> list[HomeLine]:
    """Accounts on hold, late reviews, the last run."""
    held = Hold.objects.active().count()
    holds = reverse("admin:lifecycle_hold_changelist")
    return [
        *build_count_line("Comptes retenus", held, holds, "is-amber"),
        *build_count_line(
            "Agents à revoir, en retard",
            reviews.count_overdue_reviews(now),
            reverse("admin:lifecycle_review_changelist"),
        ),
        *_build_last_run_line(),
    ]


def _build_last_run_line() -> list[HomeLine]:
    run = LifecycleRun.objects.order_by("-started_at").first()
    if run is None:
        return []
    well = run.outcome in (RunOutcome.DONE, RunOutcome.RUNNING) and not run.failures
    return [
        HomeLine(
            "Dernière exécution du cycle de vie",
            f"{run.get_outcome_display()}, {french_moment(run.started_at)}",
            reverse("admin:lifecycle_lifecyclerun_changelist"),
            "" if well else "is-late",
        )
    ]
