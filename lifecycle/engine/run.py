"""One run: update the cases, check the brakes, do the steps, record the result."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.people.models import User
from lifecycle.engine.batches import RunReport
from lifecycle.engine.brakes.kill_switch import follow_switch
from lifecycle.engine.settle import settle_cases
from lifecycle.engine.steps import select_due_rows, take_step
from lifecycle.enums import CaseCause, RunOutcome, Step
from lifecycle.models import LifecycleRun
from lifecycle.rules import brakes, config, querysets, wording
from lifecycle.rules.silent_platforms import find_silent_platforms
from mgestion.jobs.flows import ABANDONED_AFTER
from mgestion.text.dates import paris_date

_log = logging.getLogger(__name__)
STEP_ORDER = (Step.NOTICE, Step.DEACTIVATE, Step.DELETE, Step.REMIND, Step.PURGE, Step.DISABLE)
_KEPT_FAILURES = 100


def execute_run(
    now: datetime,
    *,
    trigger: str,
    steps: Sequence[Step] = STEP_ORDER,
    any_hour: bool = False,
    over_breaker: bool = False,
    progress: Callable[[int], None] = lambda done: None,
    expect: Callable[[int], None] | None = None,
) -> LifecycleRun | None:
    """Runs the steps once. Returns the row that records the run; None when nothing was to be done.

    Call it outside a transaction: each batch has its own, so that a run that dies leaves whole
    batches behind. `now` is read once by the caller (aware). `any_hour` ignores office hours.
    `expect` receives the number of accounts due, `progress` the size of each batch. Raises the
    database's error when the connection is lost; the next run continues from the rows.
    """
    _close_interrupted_runs(now)
    follow_switch(now)
    if not config.is_enabled():
        return _record_refused_run(now, trigger, RunOutcome.SWITCHED_OFF, "LIFECYCLE_ENABLED=0")
    report = RunReport(now=now, actor=trigger, progress=progress)
    settle_cases(report)
    if querysets.is_everything_held():
        return _record_refused_run(
            now, trigger, RunOutcome.SWITCHED_OFF, "tous les comptes sont retenus"
        )
    kept = brakes.find_hour_brakes(now, any_hour=any_hour)
    wanted = [
        step for step in STEP_ORDER if step in steps and kept.find_reason_to_wait(step) is None
    ]
    due = _count_due_rows(wanted, report)
    wanted = list(due)
    if brakes.WAITING_FOR_FACTS.intersection(wanted):  # the query runs only when it matters
        kept = replace(kept, silence=find_silent_platforms(now))
        report.spare_idle, report.unheard = bool(kept.silence.listed), kept.silence.other_ids
    wanted = [step for step in wanted if kept.find_reason_to_wait(step) is None]
    if not (wanted or kept.silence.listed or any(report.counts.values())):
        return None
    many = [step for step in wanted if due[step] > config.get_breaker_floor()]
    stopped = {} if over_breaker else _find_steps_over_breaker(many, report)
    if stopped:
        _log.error("lifecycle: stopped by the breaker: %s", dict(stopped))
    wanted = [
        step for step in wanted if step not in stopped or _continues_without_idle(step, report)
    ]
    if expect is not None:
        cap = config.get_cap()
        expect(sum(select_due_rows(step, report).order_by()[:cap].count() for step in wanted))
    said = [wording.describe_breaker(stopped), wording.describe_silence(kept.silence)]
    row = LifecycleRun.objects.create(started_at=now, trigger=trigger, text=_join_remarks(said))
    report.run = row.pk
    outcome, began = RunOutcome.FAILED, time.monotonic()
    try:
        for step in wanted:
            take_step(step, report)
        left = _count_left_over(wanted, report)
        said.append(
            wording.describe_left_over(
                left, stopped=bool(_find_steps_over_breaker(list(left), report))
            )
        )
        row.text = _join_remarks(said)
        outcome = RunOutcome.PARTIAL if report.failures else RunOutcome.DONE
        outcome = RunOutcome.STOPPED if stopped else outcome
    finally:
        row.outcome = outcome
        # `now` may be any moment (tests, demo data): the duration comes on top of it.
        row.finished_at = now + timedelta(seconds=time.monotonic() - began)
        row.counts = {name: count for name, count in sorted(report.counts.items()) if count}
        row.failures = report.failures[:_KEPT_FAILURES]
        # With the text: if this run outlived its lease, another one has marked it « interrompue ».
        row.save(update_fields=["outcome", "finished_at", "counts", "failures", "text"])
    return row


def _close_interrupted_runs(now: datetime) -> None:
    """Closes runs of killed processes, once the lease of the jobs is over. A run that is still
    alive (from a shell, for instance) overwrites this when it ends.
    """
    LifecycleRun.objects.filter(
        outcome=RunOutcome.RUNNING, started_at__lte=now - ABANDONED_AFTER
    ).update(outcome=RunOutcome.FAILED, text="interrompue")


def _count_due_rows(steps: Sequence[Step], report: RunReport) -> dict[Step, int]:
    """The steps with an account due, each with how many, counted no further than one above the
    breaker's floor. Cheap queries first: the full conditions of a step are built only when some row
    may qualify.
    """
    now, rules = report.now, config.get_rules()
    left = list(steps)
    if Step.NOTICE in left and not querysets.select_idle_accounts(paris_date(now), rules).exists():
        left.remove(Step.NOTICE)
    if Step.DISABLE in left and not querysets.select_away_staff(now, rules).exists():
        left.remove(Step.DISABLE)
    if not querysets.is_any_case_due(now):
        left = [step for step in left if step not in (Step.DEACTIVATE, Step.DELETE)]
    if not querysets.select_old_sign_ups(now, timedelta(days=rules.remind_days)).exists():
        left = [step for step in left if step not in (Step.REMIND, Step.PURGE)]
    enough = config.get_breaker_floor() + 1
    due = {step: select_due_rows(step, report).order_by()[:enough].count() for step in left}
    return {step: number for step, number in due.items() if number}


def _find_steps_over_breaker(steps: Sequence[Step], report: RunReport) -> dict[Step, int]:
    """The steps for which too many accounts are due, each with its limit. Each step counts on its
    own, so that many notices stop no deletion. Closures, deletions after an administrator's act and
    reminders never count: only what the rules find by themselves can be wrong for many accounts at
    once. Counts no further than the limit.
    """
    floor = config.get_breaker_floor()
    suspect = [
        step for step in steps if step != Step.REMIND and _exceeds_limit(step, report, floor)
    ]
    if not suspect:
        return {}
    limit = config.get_breaker_limit(User.objects.count())
    return {step: limit for step in suspect if _exceeds_limit(step, report, limit)}


def _select_breakable(rows: QuerySet[Any], step: Step) -> QuerySet[Any]:
    """The rows that count for the breaker: those that the rules found by themselves."""
    return rows.filter(cause=CaseCause.INACTIVITY) if step == Step.DELETE else rows


def _exceeds_limit(step: Step, report: RunReport, limit: int) -> bool:
    rows = _select_breakable(select_due_rows(step, report), step).order_by()
    return rows[: limit + 1].count() > limit


def _continues_without_idle(step: Step, report: RunReport) -> bool:
    """A deletion stopped by the breaker continues for accounts that left by an act."""
    report.spare_idle = report.spare_idle or step == Step.DELETE
    return step == Step.DELETE


def _count_left_over(steps: Sequence[Step], report: RunReport) -> dict[Step, int]:
    """How many accounts are still due after the cap of this run."""
    full = [step for step in steps if report.counts[step] >= config.get_cap()]
    left = {step: select_due_rows(step, report).order_by().count() for step in full}
    return {step: number for step, number in left.items() if number}


def _join_remarks(said: Sequence[str]) -> str:
    return ". ".join(one for one in said if one)[:300]


def _record_refused_run(now: datetime, trigger: str, outcome: str, text: str) -> LifecycleRun:
    return LifecycleRun.objects.create(
        started_at=now, finished_at=now, trigger=trigger, outcome=outcome, text=text[:300]
    )
