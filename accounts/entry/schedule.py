"""When the sweeps of this room run: a person is waiting for the mail."""

from datetime import timedelta

from django.conf import settings

from mgestion.jobs.scheduled import Scheduled

SCHEDULE = [
    Scheduled(
        job="entry.settle",
        task="accounts.entry.tasks.settle",
        every=timedelta(seconds=2 if settings.EMBEDDED else 3),
        late_after=timedelta(minutes=5),
    ),
]
