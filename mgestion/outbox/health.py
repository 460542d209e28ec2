"""Health check and metrics of the outbox."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count, Min, Q

from mgestion.jobs.models import JobTotal
from mgestion.outbox.models import Bounce, BounceOutcome, BounceTotal, Mail, MailStatus

# A due mail that nobody took for this long: no worker, or no mail server.
LATE_AFTER = timedelta(minutes=10)
RECENT = timedelta(days=7)
BOUNCES_LATE_AFTER = timedelta(hours=1)


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


def check_bounce_mailbox(now: datetime) -> tuple[bool, str]:
    """Whether the mailbox of returned mails was read within the hour."""
    if settings.BOUNCE_MAILBOX is None:
        return True, "no mailbox to read"
    total = JobTotal.objects.filter(job="outbox.bounces").first()
    if total is None or total.last_run_at is None:
        return True, "not read yet"  # the alarm « jobs » tells of a job that never ran
    if total.last_success_at is None or now - total.last_success_at > BOUNCES_LATE_AFTER:
        return False, "the mailbox of returned mails cannot be read"
    return True, "read"


WORDS: Final = {
    "outbox_bounces_total": "Reports about mails that the relay had accepted, by outcome",
    "outbox_returned_last_day": "Mails that came back undelivered in the last 24 hours",
    "outbox_flagged_addresses": "Mails that came back and still flag an address",
    "outbox_dead": "Mails given up, which staff must look at",
    "outbox_lag_seconds": "Age of the oldest mail that is due and not taken",
    "outbox_queued": "Mails to be sent",
    "outbox_retrying": "Mails to be sent that were refused at least once",
    "outbox_sent_last_hour": "Mails accepted by the relay in the last hour",
}


def measure_outbox(now: datetime) -> dict[str, float]:
    counts = Mail.objects.filter(status__in=(MailStatus.QUEUED, MailStatus.DEAD)).aggregate(
        queued=Count("pk", filter=Q(status=MailStatus.QUEUED)),
        retrying=Count("pk", filter=Q(status=MailStatus.QUEUED, attempts__gt=0)),
        dead=Count("pk", filter=Q(status=MailStatus.DEAD)),
    )
    oldest = _find_oldest_due(now)
    sent = Mail.objects.filter(
        status=MailStatus.SENT,
        created_at__gt=now - RECENT,  # answered by the index of states; a mail waits less
        accepted_at__gt=now - timedelta(hours=1),
    )
    totals = dict(BounceTotal.objects.values_list("outcome", "count"))
    returned = Bounce.objects.filter(outcome=BounceOutcome.HARD).aggregate(
        recent=Count("pk", filter=Q(read_at__gt=now - timedelta(days=1))),
        flagging=Count("pk", filter=Q(cleared_at__isnull=True)),
    )
    return {
        **{
            f'outbox_bounces_total{{outcome="{outcome}"}}': float(totals.get(outcome, 0))
            for outcome in BounceOutcome.values
        },
        "outbox_returned_last_day": float(returned["recent"]),
        "outbox_flagged_addresses": float(returned["flagging"]),
        "outbox_sent_last_hour": float(sent.count()),
        **{f"outbox_{name}": float(value) for name, value in counts.items()},
        "outbox_lag_seconds": (now - oldest).total_seconds() if oldest else 0.0,
    }
