from datetime import timedelta

from mgestion.jobs.scheduled import At, Scheduled

SCHEDULE = [
    Scheduled(
        job="journal.purge",
        task="mgestion.journal.tasks.purge",
        at=At(minute="37"),
        late_after=timedelta(hours=26),
    ),
]
