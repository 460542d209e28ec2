"""Metrics of the mails that visitors can trigger."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count

from accounts.entry.limits import mail_ceilings
from accounts.entry.models import PostedRequest

WORDS: Final = {
    "entry_mails_asked_last_hour": "Mails that visitors had sent in the last hour",
    "entry_mails_refused_by_ceiling_last_hour": "Mails that a mailbox was spared in the last hour",
}


def measure_entry(now: datetime) -> dict[str, float]:
    """Mails that anybody can have sent, in the last hour: those that left, and those that a mailbox
    was spared. An alarm on either tells of a bombing (docs/operations.md).
    """
    since = now - timedelta(hours=1)
    rows = PostedRequest.objects.filter(created_at__gt=since).values_list("outcome")
    outcomes = Counter(dict(rows.annotate(count=Count("pk"))))
    return {
        "entry_mails_asked_last_hour": float(outcomes["mailed"] + outcomes["created"]),
        "entry_mails_refused_by_ceiling_last_hour": float(outcomes[mail_ceilings.MAILBOX_FULL]),
    }
