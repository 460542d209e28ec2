"""One run: settle, check that it may act, act, say what was done."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.people.models import User
from lifecycle.engine.batches import Report
from lifecycle.engine.kill_switch import follow_switch
from lifecycle.engine.settle import settle
from lifecycle.engine.steps import due, take
from lifecycle.enums import Cause, RunOutcome, Step
from lifecycle.models import LifecycleRun
from lifecycle.rules import brakes, config, querysets, wording
from lifecycle.rules.silent_platforms import find_silence
from mgestion.jobs.flows import ABANDONED_AFTER
from mgestion.text.dates import paris_date

_log = logging.getLogger(__name__)
ORDER = (Step.NOTICE, Step.DEACTIVATE, Step.DELETE, Step.REMIND, Step.PURGE, Step.DISABLE)
_KEPT_FAILURES = 100


def run(
    now: datetime,
    *,
    trigger: str,
    steps: Sequence[Step] = ORDER,
    any_hour: bool = False,
    over_breaker: bool = False,
    progress: Callable[[int], None] = lambda done: None,
    expect: Callable[[int], None] | None = None,
) -> LifecycleRun | None:
    """One sweep of everything. The row says what was done; None when there was nothing to do.

    `now` is read once by the caller. To be called outside a transaction: each batch has its own, so
    that a run that dies leaves whole batches behind. `any_hour`: mails also outside office hours.
    `expect` is told how many accounts are due, once that is counted, and `progress` each batch.
    Raises what the database raises when it is gone; the next run goes on from the rows.
    """
    _close_interrupted(now)
    follow_switch(now)
    if not config.enabled():
        return _refusal(now, trigger, RunOutcome.SWITCHED_OFF, "LIFECYCLE_ENABLED=0")
    report = Report(now=now, actor=trigger, progress=progress)
    settle(report)
    if querysets.all_held():
        return _refusal(now, trigger, RunOutcome.SWITCHED_OFF, "tous les comptes sont retenus")
    kept = brakes.of_the_hour(now, any_hour=any_hour)
    wanted = [step for step in ORDER if step in steps and kept.keeping(step) is None]
    wanted = _with_something_due(wanted, report)
    if brakes.WAITING_FOR_FACTS.intersection(wanted):  # asked only then: nothing due costs little
        kept = replace(kept, silence=find_silence(now))
        report.spare_idle, report.unheard = bool(kept.silence.listed), kept.silence.other_ids
    wanted = [step for step in wanted if kept.keeping(step) is None]
    if not (wanted or kept.silence.listed or any(report.counts.values())):
        return None
    stopped = {} if over_breaker else _over_breaker(wanted, report)
    if stopped:
        _log.error("lifecycle: stopped by the breaker: %s", dict(stopped))
    wanted = [step for step in wanted if step not in stopped or _goes_on(step, report)]
    if expect is not None:
        cap = config.cap()
        expect(sum(due(step, report).order_by()[:cap].count() for step in wanted))
    said = [wording.breaker(stopped), wording.silent(kept.silence)]
    row = LifecycleRun.objects.create(started_at=now, trigger=trigger, text=_text(said))
    report.run = row.pk
    outcome, began = RunOutcome.FAILED, time.monotonic()
    try:
        for step in wanted:
            take(step, report)
        left = _left_over(wanted, report)
        said.append(wording.left_over(left, stopped=bool(_over_breaker(list(left), report))))
        row.text = _text(said)
        outcome = RunOutcome.PARTIAL if report.failures else RunOutcome.DONE
        outcome = RunOutcome.STOPPED if stopped else outcome
    finally:
        row.outcome = outcome
        # `now` is the moment the rules were asked about, which a simulation may choose.
        row.finished_at = now + timedelta(seconds=time.monotonic() - began)
        row.counts = {name: count for name, count in sorted(report.counts.items()) if count}
        row.failures = report.failures[:_KEPT_FAILURES]
        # With the text: if this run outlived its lease, another one has said that it died.
        row.save(update_fields=["outcome", "finished_at", "counts", "failures", "text"])
    return row


def _close_interrupted(now: datetime) -> None:
    """A run that was killed wrote no end: it is closed once the lease of the jobs is over, the time
    after which the hour of a dead worker is taken over. One that is alive all the same, from a
    shell for instance, writes its own end over this one.
    """
    LifecycleRun.objects.filter(
        outcome=RunOutcome.RUNNING, started_at__lte=now - ABANDONED_AFTER
    ).update(outcome=RunOutcome.FAILED, text="interrompue")


def _with_something_due(steps: Sequence[Step], report: Report) -> list[Step]:
    """Steps that begin at the same rows are asked for only if there is such a row at all: their own
    conditions take longer to write than the database takes to find none.
    """
    now, rules = report.now, config.rules()
    left = list(steps)
    if Step.NOTICE in left and not querysets.away(paris_date(now), rules).exists():
        left.remove(Step.NOTICE)
    if Step.DISABLE in left and not querysets.staff_away(now, rules).exists():
        left.remove(Step.DISABLE)
    if not querysets.any_case_due(now):
        left = [step for step in left if step not in (Step.DEACTIVATE, Step.DELETE)]
    if not querysets.pending(now, timedelta(days=rules.remind_days)).exists():
        left = [step for step in left if step not in (Step.REMIND, Step.PURGE)]
    return [step for step in left if due(step, report).order_by()[:1].exists()]


def _over_breaker(steps: Sequence[Step], report: Report) -> dict[Step, int]:
    """The steps that too many accounts are due for, each with its limit. Each step is counted by
    itself, so that many notices stop no deletion. A closure that the person asked for, a deletion
    that an administrator's act made due and a reminder are never counted: only what the rules find
    by themselves can be wrong for everybody at once. Counts no further than it needs to know.
    """
    floor = config.breaker_floor()
    suspect = [step for step in steps if step != Step.REMIND and _many(step, report, floor)]
    if not suspect:
        return {}
    limit = config.breaker(User.objects.count())
    return {step: limit for step in suspect if _many(step, report, limit)}


def _breakable(rows: QuerySet[Any], step: Step) -> QuerySet[Any]:
    """Those of `rows`, due for `step`, whom the rules found by themselves: the breaker counts no
    others.
    """
    return rows.filter(cause=Cause.INACTIVITY) if step == Step.DELETE else rows


def _many(step: Step, report: Report, limit: int) -> bool:
    rows = _breakable(due(step, report), step).order_by()
    return rows[: limit + 1].count() > limit


def _goes_on(step: Step, report: Report) -> bool:
    """A deletion that the breaker stops is done for those who leave by an act."""
    report.spare_idle = report.spare_idle or step == Step.DELETE
    return step == Step.DELETE


def _left_over(steps: Sequence[Step], report: Report) -> dict[Step, int]:
    """How many accounts are still due after the cap of this run."""
    full = [step for step in steps if report.counts[step] >= config.cap()]
    left = {step: due(step, report).order_by().count() for step in full}
    return {step: number for step, number in left.items() if number}


def _text(said: Sequence[str]) -> str:
    return ". ".join(one for one in said if one)[:300]


def _refusal(now: datetime, trigger: str, outcome: str, text: str) -> LifecycleRun:
    return LifecycleRun.objects.create(
        started_at=now, finished_at=now, trigger=trigger, outcome=outcome, text=text[:300]
    )
