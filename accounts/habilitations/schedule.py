"""When this room looks at its dates."""

from datetime import timedelta

from celery.schedules import crontab

from mgestion.jobs.scheduled import Scheduled

SCHEDULE = [
    Scheduled(
        job="habilitations.tokens",
        task="accounts.habilitations.tasks.warn_of_expiry",
        at=crontab(minute="47"),
        late_after=timedelta(hours=26),
    ),
]
