"""What beat wakes. Each task sweeps the database: late, twice or killed, it does no harm."""

from collections.abc import Mapping
from datetime import UTC, datetime

from celery import shared_task
from django.utils import timezone

from lifecycle.desk import review_flows
from lifecycle.engine import retention
from lifecycle.engine.batches import Report
from lifecycle.engine.kill_switch import follow_switch
from lifecycle.engine.run import run
from lifecycle.engine.settle import settle as settle_all
from lifecycle.enums import RunOutcome
from lifecycle.rules import config
from mgestion.jobs.decorators import daily_task, sweep_task
from mgestion.jobs.flows import run_in_slot


class Stopped(RuntimeError):
    """The breaker stopped the run: the job has not succeeded, and /readyz shows it in time."""


@shared_task
def run_lifecycle() -> None:
    """Once an hour (UTC: no hour comes twice), whatever the number of beats."""
    now = timezone.now()

    def work() -> Mapping[str, int]:
        done = run(now, trigger="beat")
        if done is None:
            return {}
        if done.outcome == RunOutcome.STOPPED:
            raise Stopped(done.text)
        return {**done.counts, done.outcome: 1}

    run_in_slot("lifecycle.sweep", f"{now.astimezone(UTC):%Y-%m-%dT%H}", now, work)


@sweep_task("lifecycle.settle")
def settle_cases(now: datetime) -> Mapping[str, int]:
    """Binds deadlines and follows what happened, soon after it did."""
    follow_switch(now)
    if not config.enabled():
        return {"switched_off": 1}
    report = Report(now=now, actor="beat")
    settle_all(report)
    return {name: count for name, count in report.counts.items() if count}


@daily_task("lifecycle.retention")
def purge_lifecycle(now: datetime) -> dict[str, int]:
    return retention.purge(now)


@daily_task("lifecycle.reviews")
def announce_reviews(now: datetime) -> dict[str, int]:
    return review_flows.announce(now)
