"""What a room's `schedule.py` declares, and how all of them are found."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string


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


@dataclass(frozen=True)
class Scheduled:
    """One job: which task, when, and after how long without a success somebody must look.

    `job` is the name of its rows in JobRun. Exactly one of `every` and `at` (Paris time) is given.
    """

    job: str
    task: str
    late_after: timedelta
    every: timedelta | None = None
    at: At | None = None
    queue: Queue = Queue.JOBS

    def __post_init__(self) -> None:
        if (self.every is None) == (self.at is None):
            raise ValueError(f"{self.job}: give `every` or `at`, one of them.")


@cache
def collect() -> tuple[Scheduled, ...]:
    """The `SCHEDULE` of each installed app that has a `schedule` module."""
    found: list[Scheduled] = []
    for name in settings.INSTALLED_APPS:
        package = _package(name)
        if find_spec(f"{package}.schedule"):
            found.extend(import_module(f"{package}.schedule").SCHEDULE)
    names = [scheduled.job for scheduled in found]
    if len(names) != len(set(names)):
        raise ValueError(f"A job's name is declared twice: {sorted(names)}")
    return tuple(found)


def beat_schedule() -> dict[str, dict[str, Any]]:
    """For Celery beat. A tick of a sweep expires, so that no heap of them waits for a worker."""
    from celery.schedules import crontab

    entries: dict[str, dict[str, Any]] = {}
    for scheduled in collect():
        entry: dict[str, Any] = {"task": scheduled.task}
        if scheduled.every:
            entry["schedule"] = scheduled.every
            entry["options"] = {"expires": max(scheduled.every, TICK_LIFE).total_seconds()}
        elif scheduled.at:
            at = scheduled.at
            entry["schedule"] = crontab(at.minute, at.hour, at.weekday)
        entries[scheduled.job] = entry
    return entries


def task_routes() -> dict[str, dict[str, str]]:
    """Task → its queue."""
    return {scheduled.task: {"queue": scheduled.queue.value} for scheduled in collect()}


def _package(name: str) -> str:
    """An entry of INSTALLED_APPS names a package, or the class that configures one."""
    if name.rpartition(".")[2][:1].isupper():
        config: type[AppConfig] = import_string(name)
        return config.name
    return name
