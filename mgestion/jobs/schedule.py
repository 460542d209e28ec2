"""The toolbox's own upkeep, and the sign that beat and a worker are alive."""

from datetime import timedelta

from mgestion.jobs.scheduled import At, Scheduled

SCHEDULE = [
    Scheduled(
        job="jobs.beat",
        task="mgestion.jobs.tasks.beat",
        every=timedelta(seconds=30),
        late_after=timedelta(minutes=3),
    ),
    Scheduled(
        job="jobs.purge",
        task="mgestion.jobs.tasks.purge",
        at=At(minute="17"),
        late_after=timedelta(hours=26),
    ),
]
