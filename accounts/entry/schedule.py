"""When the sweeps of this room run: a person is waiting for the mail; the purge can wait."""

from datetime import timedelta

from mgestion.jobs.scheduled import At, Scheduled

SCHEDULE = [
    Scheduled(
        job="entry.settle",
        task="accounts.entry.tasks.settle",
        every=timedelta(seconds=2),
        late_after=timedelta(minutes=5),
    ),
    Scheduled(
        job="entry.purge",
        task="accounts.entry.tasks.purge",
        at=At(minute="37"),
        late_after=timedelta(hours=26),
    ),
]
