"""Declarations of scheduled jobs (`slots.jobs`), and their translation for Celery."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from mgestion import slots


class Queue(StrEnum):
    """Celery's queues. Each has its own worker processes, so that slow work in one delays no
    other.
    """

    JOBS = "celery"  # Celery's own default
    MAIL = "mail"  # the outbox: a slow relay, a large number of mails
    PLATFORMS = "platforms"  # calls to platforms' servers


# Expiry of a queued call, longer than any sweep lasts, so that one call always waits when a sweep
# ends.
TICK_LIFE: Final = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class ClockTime:
    """Minutes, hours (Paris time) and weekdays (1 is Monday), in crontab syntax.

    Not Celery's class: web processes read the schedules for `/metrics` and do not import Celery,
    which takes half a second and some megabytes.
    """

    minute: str
    hour: str = "*"
    weekday: str = "*"


@dataclass(frozen=True, kw_only=True)
class ScheduledJob:
    """A task, its French name, its schedule, and the time without success after which it is late.

    Its name in the slot is the name of its rows in JobRun. Give exactly one of `every` and `at`
    (Paris time).
    """

    task: str
    label: str
    late_after: timedelta
    every: timedelta | None = None
    at: ClockTime | None = None
    queue: Queue = Queue.JOBS

    def __post_init__(self) -> None:
        if (self.every is None) == (self.at is None):
            raise ValueError(f"{self.task}: give `every` or `at`, one of them.")


def daily_job(*, task: str, label: str, minute: str) -> ScheduledJob:
    """The schedule of a `daily_task`, called each hour until it succeeds."""
    at = ClockTime(minute=minute)
    return ScheduledJob(task=task, label=label, at=at, late_after=timedelta(hours=26))


def build_beat_schedule() -> dict[str, dict[str, Any]]:
    """The schedule for Celery beat. Calls of sweeps expire, so that they do not pile up."""
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


def build_task_routes() -> dict[str, dict[str, str]]:
    """Task → queue, for Celery."""
    return {job.task: {"queue": job.queue.value} for job in slots.jobs.values()}
