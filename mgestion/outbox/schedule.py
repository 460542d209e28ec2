from datetime import timedelta

from mgestion.jobs.scheduled import At, Queue, Scheduled

SCHEDULE = [
    Scheduled(
        job="outbox.deliver",
        task="mgestion.outbox.tasks.deliver_due",
        every=timedelta(seconds=2),
        late_after=timedelta(minutes=5),
        queue=Queue.MAIL,
    ),
    Scheduled(
        job="outbox.purge",
        task="mgestion.outbox.tasks.purge_bodies",
        at=At(minute="27"),
        late_after=timedelta(hours=26),
    ),
]
