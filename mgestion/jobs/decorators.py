"""Decorators that make a Celery task of a function of the moment that returns counts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol
from uuid import uuid4

from celery import shared_task
from django.utils import timezone

from mgestion.database.clock import WrongClock, ensure_right_clock
from mgestion.jobs.flows import run_in_slot, run_sweep
from mgestion.text.dates import paris_date
from mgestion.web.logging.request_id import bind_request_id

Work = Callable[[datetime], Mapping[str, int] | None]


class Task(Protocol):
    """`again`: a suffix of the slot, for a run that was asked for though the day's succeeded."""

    name: str

    def __call__(self, again: str = "") -> None: ...


def sweep_task(job: str) -> Callable[[Work], Task]:
    """A task that works at each call and claims its rows itself."""
    return _decorate_task(lambda work, now, again: run_sweep(job, now, lambda: work(now)))


def daily_task(job: str) -> Callable[[Work], Task]:
    """A task that succeeds once a Paris day: called each hour, it works until it succeeds."""
    return _decorate_task(
        lambda work, now, again: run_in_slot(
            job, f"{paris_date(now)}{again}", now, lambda: work(now)
        )
    )


def hourly_task(job: str) -> Callable[[Work], Task]:
    """A task that succeeds once an hour (UTC, where no hour comes twice), however often it is
    called.
    """
    return _decorate_task(
        lambda work, now, again: run_in_slot(
            job, f"{now.astimezone(UTC):%Y-%m-%dT%H}{again}", now, lambda: work(now)
        )
    )


def _decorate_task(run: Callable[[Work, datetime, str], object]) -> Callable[[Work], Task]:
    def decorate(work: Work) -> Task:
        def task(again: str = "") -> None:
            # Stands in what it logs and writes to the journal, as a request's does.
            with bind_request_id(uuid4().hex):
                run(checked_work, timezone.now(), again)

        def checked_work(now: datetime) -> Mapping[str, int] | None:
            """As `work`; a run on a machine whose clock is wrong is one that failed."""
            ensure_right_clock()
            return work(now)

        task.__doc__ = work.__doc__
        name = f"{work.__module__}.{work.__name__}"
        # `throws`: no traceback for each task; `ensure_right_clock` writes to the log.
        named: Task = shared_task(name=name, throws=(WrongClock,))(task)
        return named

    return decorate
