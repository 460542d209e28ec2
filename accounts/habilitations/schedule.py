"""When this room looks at its dates."""

from datetime import timedelta

from mgestion.jobs.scheduled import At, Scheduled

SCHEDULE = [
    Scheduled(
        job="habilitations.tokens",
        task="accounts.habilitations.tasks.warn_of_expiry",
        at=At(minute="47"),
        late_after=timedelta(hours=26),
    ),
]
