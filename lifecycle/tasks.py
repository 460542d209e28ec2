"""What beat wakes. Each task sweeps the database: late, twice or killed, it does no harm."""

from collections.abc import Mapping
from datetime import UTC

from celery import shared_task
from django.utils import timezone

from lifecycle import config, retention
from lifecycle.enums import RunOutcome
from lifecycle.flows import reviews
from lifecycle.flows.batches import Report
from lifecycle.flows.run import run
from lifecycle.flows.settle import settle as settle_all
from lifecycle.flows.switch import follow_switch
from mgestion.dates import paris_date
from mgestion.jobs import flows as jobs


class Stopped(RuntimeError):
    """The breaker stopped the run: the job has not succeeded, and /readyz shows it in time."""


@shared_task
def sweep() -> None:
    """Once an hour (UTC: no hour comes twice), whatever the number of beats."""
    now = timezone.now()

    def work() -> Mapping[str, int]:
        done = run(now, trigger="beat")
        if done is None:
            return {}
        if done.outcome == RunOutcome.STOPPED:
            raise Stopped(done.text)
        return {**done.counts, done.outcome: 1}

    jobs.run_in_slot("lifecycle.sweep", f"{now.astimezone(UTC):%Y-%m-%dT%H}", now, work)


@shared_task
def settle() -> None:
    """Binds deadlines and follows what happened, soon after it did."""
    now = timezone.now()

    def work() -> Mapping[str, int]:
        follow_switch(now)
        if not config.enabled():
            return {"switched_off": 1}
        report = Report(now=now, actor="beat")
        settle_all(report)
        return {name: count for name, count in report.counts.items() if count}

    jobs.sweep("lifecycle.settle", now, work)


@shared_task
def retain() -> None:
    """Once a Paris day; tried each hour until it succeeds."""
    now = timezone.now()
    jobs.run_in_slot("lifecycle.retention", str(paris_date(now)), now, lambda: retention.purge(now))


@shared_task
def review() -> None:
    """Once a Paris day; tried each hour until it succeeds."""
    now = timezone.now()
    jobs.run_in_slot("lifecycle.reviews", str(paris_date(now)), now, lambda: reviews.announce(now))
