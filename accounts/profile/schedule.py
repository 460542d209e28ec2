"""When the sweeps of this room run: a person waits for the copy; the DPO reads in the morning."""

from datetime import timedelta

from django.conf import settings

from mgestion.jobs.scheduled import At, Scheduled

SCHEDULE = [
    Scheduled(
        job="profile.exports",
        task="accounts.profile.tasks.exports",
        every=timedelta(seconds=3 if settings.EMBEDDED else 10),
        late_after=timedelta(minutes=10),
    ),
    Scheduled(
        job="profile.purge",
        task="accounts.profile.tasks.purge",
        every=timedelta(minutes=5),
        late_after=timedelta(minutes=30),
    ),
    Scheduled(
        job="profile.rights",
        task="accounts.profile.tasks.rights",
        at=At(minute="22", hour="6-23"),
        late_after=timedelta(hours=32),
    ),
]
