"""Celery tasks. Each one sweeps the database and is idempotent: it may run late, twice or die."""

from collections.abc import Mapping
from datetime import datetime

from lifecycle.desk import review_flows
from lifecycle.engine import retention
from lifecycle.engine.batches import RunReport
from lifecycle.engine.brakes.kill_switch import follow_switch
from lifecycle.engine.run import execute_run
from lifecycle.engine.settle import settle_cases as settle_all
from lifecycle.enums import RunOutcome
from lifecycle.rules import config
from mgestion.jobs.decorators import daily_task, hourly_task, sweep_task


class RunStopped(RuntimeError):
    """The breaker stopped the run: the job counts as failed, and the alarm « jobs » rings."""


@hourly_task("lifecycle.sweep")
def run_lifecycle(now: datetime) -> Mapping[str, int]:
    """One run an hour, whatever the number of beats."""
    done = execute_run(now, trigger="beat")
    if done is None:
        return {}
    if done.outcome == RunOutcome.STOPPED:
        raise RunStopped(done.text)
    return {**done.counts, done.outcome: 1}


@sweep_task("lifecycle.settle")
def settle_cases(now: datetime) -> Mapping[str, int]:
    """Updates the cases between runs."""
    follow_switch(now)
    if not config.is_enabled():
        return {"switched_off": 1}
    report = RunReport(now=now, actor="beat")
    settle_all(report)
    return {name: count for name, count in report.counts.items() if count}


@daily_task("lifecycle.retention")
def purge_lifecycle(now: datetime) -> dict[str, int]:
    return retention.purge_lifecycle_records(now)


@daily_task("lifecycle.reviews")
def announce_reviews(now: datetime) -> dict[str, int]:
    return review_flows.queue_review_mails(now)
