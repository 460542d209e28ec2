from datetime import timedelta

from django.conf import settings

from mgestion.jobs.scheduled import At, Scheduled

SCHEDULE = [
    Scheduled(
        job="lifecycle.sweep",
        task="lifecycle.tasks.sweep",
        at=At(minute=settings.LIFECYCLE_SWEEP_MINUTE),
        late_after=timedelta(hours=3),
    ),
    Scheduled(
        job="lifecycle.settle",
        task="lifecycle.tasks.settle",
        every=settings.LIFECYCLE_SETTLE_EVERY,
        late_after=timedelta(hours=1),
    ),
    Scheduled(
        job="lifecycle.reviews",
        task="lifecycle.tasks.review",
        at=At(minute="17"),
        late_after=timedelta(hours=26),
    ),
    Scheduled(
        job="lifecycle.retention",
        task="lifecycle.tasks.retain",
        at=At(minute="47"),
        late_after=timedelta(hours=26),
    ),
]
