"""Metrics of tickets and single logout."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Min, Q

from accounts.cas.models import LogoutDelivery, LogoutLane, LogoutStatus, Ticket

WORDS: Final = {
    "cas_logouts_failed_last_day": "Single logouts given up in the last day",
    "cas_logouts_oldest_seconds": "Age of the oldest single logout that waits",
    "cas_logouts_waiting": "Single logouts that wait",
    "cas_platforms_left_alone": "Platforms that let the time run out and are left alone",
    "cas_tickets_consumed_last_hour": "Tickets of the last hour that a platform exchanged",
    "cas_tickets_issued_last_hour": "Tickets issued in the last hour",
}


def measure_cas(now: datetime) -> dict[str, float]:
    """Tickets of the last hour; logouts that wait, those given up in a day, and the platforms that
    are left alone because they let the time run out.
    """
    hour = Ticket.objects.filter(issued_at__gt=now - timedelta(hours=1))
    tickets = hour.aggregate(
        issued=Count("pk"), consumed=Count("pk", filter=Q(consumed_at__isnull=False))
    )
    waiting = LogoutDelivery.objects.filter(status=LogoutStatus.QUEUED).aggregate(
        count=Count("pk"), oldest=Min("queued_at")
    )
    failed = LogoutDelivery.objects.filter(
        status=LogoutStatus.FAILED, queued_at__gt=now - timedelta(days=1)
    )
    left_alone = LogoutLane.objects.filter(paused_until__gt=now)
    oldest = waiting["oldest"]
    return {
        "cas_tickets_issued_last_hour": float(tickets["issued"]),
        "cas_tickets_consumed_last_hour": float(tickets["consumed"]),
        "cas_logouts_waiting": float(waiting["count"]),
        "cas_logouts_oldest_seconds": (now - oldest).total_seconds() if oldest else 0.0,
        "cas_logouts_failed_last_day": float(failed.count()),
        "cas_platforms_left_alone": float(left_alone.count()),
    }
