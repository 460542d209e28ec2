"""The gauges of the review queue, for the metrics page."""

from datetime import datetime
from typing import Final

from django.db.models import Count, Min, Q

from registrations.requests.models import Request
from registrations.requests.review.review_rules import get_amber_margin

WORDS: Final = {
    "portal_requests_amber": "Open requests past the amber delay",
    "portal_requests_open": "Open requests, paused ones included",
    "portal_requests_oldest_seconds": "How long the most urgent open request is past its due time; "
    "negative while it has time",
    "portal_requests_overdue": "Open requests past their due time (48 h without pauses)",
    "portal_requests_unrouted": "Open requests without a délégation or a DGA",
}


def measure_request_gauges(now: datetime) -> dict[str, float]:
    """One statement over the open requests, answered by a partial index."""
    running = Q(paused_at__isnull=True)
    counted = Request.objects.open().aggregate(
        open=Count("pk"),
        amber=Count("pk", filter=running & Q(due_at__gt=now, due_at__lte=now + get_amber_margin())),
        overdue=Count("pk", filter=running & Q(due_at__lte=now)),
        due=Min("due_at", filter=running),
        unrouted=Count("pk", filter=Q(delegation__isnull=True) | Q(dga__isnull=True)),
    )
    due = counted.pop("due")
    return {
        **{f"portal_requests_{name}": float(value) for name, value in counted.items()},
        "portal_requests_oldest_seconds": (now - due).total_seconds() if due else 0.0,
    }
