from datetime import timedelta

from celery.schedules import crontab

from mgestion.jobs.scheduled import Scheduled

SCHEDULE = [
    Scheduled(
        job="journal.purge",
        task="mgestion.journal.tasks.purge",
        at=crontab(minute="37"),
        late_after=timedelta(hours=26),
    ),
]
