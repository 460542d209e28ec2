"""When the sweeps of this room run: an open door elsewhere is to be closed soon."""

from datetime import timedelta

from mgestion.jobs.scheduled import At, Queue, Scheduled

SCHEDULE = [
    Scheduled(
        job="cas.single_logout",
        task="accounts.cas.tasks.single_logout_sweep",
        every=timedelta(seconds=5),
        late_after=timedelta(minutes=5),
        queue=Queue.PLATFORMS,
    ),
    Scheduled(
        job="cas.purge",
        task="accounts.cas.tasks.purge",
        at=At(minute="37"),
        late_after=timedelta(hours=26),
    ),
]
