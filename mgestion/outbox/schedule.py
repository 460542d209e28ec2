from datetime import timedelta

from django.conf import settings

from mgestion.jobs.scheduled import At, Scheduled

SCHEDULE = [
    Scheduled(
        job="outbox.deliver",
        task="mgestion.outbox.tasks.deliver_due",
        every=timedelta(seconds=2 if settings.EMBEDDED else 5),
        late_after=timedelta(minutes=5),
    ),
    Scheduled(
        job="outbox.purge",
        task="mgestion.outbox.tasks.purge_bodies",
        at=At(minute="27"),
        late_after=timedelta(hours=26),
    ),
]
