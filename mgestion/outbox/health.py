"""Health check and metrics of the outbox."""

from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from mgestion.outbox.models import Mail, MailStatus

# A due mail that nobody took for this long: no worker, or no mail server.
LATE_AFTER = timedelta(minutes=10)


def _find_oldest_due(now: datetime) -> datetime | None:
    oldest: datetime | None = Mail.objects.filter(
        status=MailStatus.QUEUED, next_at__lte=now
    ).aggregate(oldest=Min("next_at"))["oldest"]
    return oldest


def check_outbox_lag(now: datetime) -> tuple[bool, str]:
    """A row that waits for its next try is not late: only one that is due and not taken is."""
    oldest = _find_oldest_due(now)
    if oldest and now - oldest > LATE_AFTER:
        return False, f"a mail has been due since {oldest.isoformat()}"
    return True, "on time"


def measure_outbox(now: datetime) -> dict[str, float]:
    counts = Mail.objects.filter(status__in=(MailStatus.QUEUED, MailStatus.DEAD)).aggregate(
        queued=Count("pk", filter=Q(status=MailStatus.QUEUED)),
        retrying=Count("pk", filter=Q(status=MailStatus.QUEUED, attempts__gt=0)),
        dead=Count("pk", filter=Q(status=MailStatus.DEAD)),
    )
    oldest = _find_oldest_due(now)
    return {
        **{f"outbox_{name}": float(value) for name, value in counts.items()},
        "outbox_lag_seconds": (now - oldest).total_seconds() if oldest else 0.0,
    }
