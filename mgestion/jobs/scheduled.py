"""What a room hands to `slots.jobs`, and what Celery makes of it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from mgestion import slots


class Queue(StrEnum):
    """Celery's queues. Each has worker processes of its own, so that what is slow in one of them
    delays nothing in the others.
    """

    JOBS = "celery"  # Celery's own default
    MAIL = "mail"  # the outbox: a slow relay, a campaign of letters
    PLATFORMS = "platforms"  # calls to platforms' servers


# A tick that waited this long says nothing new. Longer than any sweep of seconds lasts, so that one
# tick is always there when a sweep ends.
TICK_LIFE: Final = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class At:
    """Minutes, hours (Paris time) and days of the week (1 is Monday), each as crontab writes them.

    Not Celery's own: every web process reads the schedules for `/readyz`, and has no other use for
    Celery, which takes half a second and some megabytes to import.
    """

    minute: str
    hour: str = "*"
    weekday: str = "*"


@dataclass(frozen=True, kw_only=True)
class ScheduledJob:
    """Which task, when, and after how long without a success somebody must look.

    Its name in the slot is the name of its rows in JobRun. Exactly one of `every` and `at` (Paris
    time) is given.
    """

    task: str
    late_after: timedelta
    every: timedelta | None = None
    at: At | None = None
    queue: Queue = Queue.JOBS

    def __post_init__(self) -> None:
        if (self.every is None) == (self.at is None):
            raise ValueError(f"{self.task}: give `every` or `at`, one of them.")


def daily_job(task: str, *, minute: str) -> ScheduledJob:
    """For a `daily_task`, which tries each hour until it succeeds."""
    return ScheduledJob(task=task, at=At(minute=minute), late_after=timedelta(hours=26))


def beat_schedule() -> dict[str, dict[str, Any]]:
    """For Celery beat. A tick of a sweep expires, so that no heap of them waits for a worker."""
    from celery.schedules import crontab

    entries: dict[str, dict[str, Any]] = {}
    for name, job in slots.jobs.items():
        entry: dict[str, Any] = {"task": job.task}
        if job.every:
            entry["schedule"] = job.every
            entry["options"] = {"expires": max(job.every, TICK_LIFE).total_seconds()}
        elif job.at:
            entry["schedule"] = crontab(job.at.minute, job.at.hour, job.at.weekday)
        entries[name] = entry
    return entries


def task_routes() -> dict[str, dict[str, str]]:
    """Task → its queue."""
    return {job.task: {"queue": job.queue.value} for job in slots.jobs.values()}
