"""When versions to come are announced (a batch a minute spares the mail server), and the purge."""

from datetime import timedelta

from mgestion.jobs.scheduled import At, Scheduled

SCHEDULE = [
    Scheduled(
        job="legal.announce",
        task="accounts.legal.tasks.announce",
        every=timedelta(minutes=1),
        late_after=timedelta(hours=1),
    ),
    Scheduled(
        job="legal.purge",
        task="accounts.legal.tasks.purge",
        at=At(minute="43"),
        late_after=timedelta(hours=26),
    ),
]
