"""When versions to come are announced: a batch a minute spares the mail server."""

from datetime import timedelta

from mgestion.jobs.scheduled import Scheduled

SCHEDULE = [
    Scheduled(
        job="legal.announce",
        task="accounts.legal.tasks.announce",
        every=timedelta(minutes=1),
        late_after=timedelta(hours=1),
    ),
]
