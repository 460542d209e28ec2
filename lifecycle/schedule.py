"""The schedule of the lifecycle's jobs."""

from datetime import timedelta

from django.conf import settings

from mgestion.jobs.scheduled import ClockTime, ScheduledJob, daily_job

JOBS = {
    "lifecycle.sweep": ScheduledJob(
        label="Cycle de vie\u00a0: étapes",
        task="lifecycle.tasks.run_lifecycle",
        at=ClockTime(minute=settings.LIFECYCLE_SWEEP_MINUTE),
        late_after=timedelta(hours=3),
    ),
    "lifecycle.settle": ScheduledJob(
        label="Cycle de vie\u00a0: suites des envois",
        task="lifecycle.tasks.settle_cases",
        every=settings.LIFECYCLE_SETTLE_EVERY,
        late_after=timedelta(hours=1),
    ),
    "lifecycle.reviews": daily_job(
        label="Revues à ouvrir", task="lifecycle.tasks.announce_reviews", minute="17"
    ),
    "lifecycle.retention": daily_job(
        label="Purge du cycle de vie", task="lifecycle.tasks.purge_lifecycle", minute="47"
    ),
}
