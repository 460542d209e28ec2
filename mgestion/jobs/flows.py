"""Runs of scheduled jobs, recorded as rows."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Max, OuterRef, Q, Subquery

from mgestion.jobs.models import JobRun, JobTotal
from mgestion.monitoring.fault_reports import scrub_words

_log = logging.getLogger(__name__)

Work = Callable[[], Mapping[str, int] | None]

# The lease of a run: after it, a run still marked as running is dead and its slot may be retaken.
ABANDONED_AFTER = timedelta(hours=1)
KEEP_RUNS = timedelta(days=90)
LATEST_SLOT = "latest"
WORTH_A_LINE = 5.0  # seconds; a job that did something has a line too
FAILED_COUNT = "failed"  # the key of the counts for rows that failed
LATEST_FAILURE_SLOT = "latest-failure"


def run_in_slot(job: str, slot: str, now: datetime, work: Work) -> JobRun | None:
    """Runs `work` once for (job, slot); the unique row decides, however many calls are made.

    Returns None when another run has the slot or finished it. A slot whose run failed, or whose
    lease is over, is retaken by the next call. Exceptions of `work` are recorded, then raised.
    `slot`: at most 40 characters derived from the time (a Paris date).
    """
    try:
        with transaction.atomic():
            run = JobRun.objects.create(job=job, slot=slot, started_at=now)
    except IntegrityError:
        stale = Q(outcome=JobRun.Outcome.FAILED) | Q(
            outcome=JobRun.Outcome.RUNNING, started_at__lte=now - ABANDONED_AFTER
        )
        retaken = JobRun.objects.filter(stale, job=job, slot=slot).update(
            outcome=JobRun.Outcome.RUNNING, started_at=now, finished_at=None, error=""
        )
        if not retaken:
            return None
        run = JobRun.objects.get(job=job, slot=slot)
    return _finish_run(run, now, work)


def run_sweep(job: str, now: datetime, work: Work) -> JobRun:
    """Runs `work` at each call: for sweeps that claim their rows themselves.

    One row holds the latest success and one the latest failure, so that frequent sweeps do not fill
    the table. Exceptions of `work` are recorded, then raised.
    """
    began = time.monotonic()
    try:
        counts = dict(work() or {})
    except Exception as trouble:
        failed = JobRun.Outcome.FAILED
        _record_sweep(
            job,
            LATEST_FAILURE_SLOT,
            now,
            _compute_end(now, began),
            failed,
            {},
            _format_error(trouble),
        )
        raise
    return _record_sweep(
        job, LATEST_SLOT, now, _compute_end(now, began), _find_outcome(counts), counts, ""
    )


def find_last_successes() -> dict[str, datetime]:
    """Job → end of its last run, complete or partial; see `count_failed_rows` for partial ones."""
    rows = (
        JobRun.objects.filter(outcome__in=(JobRun.Outcome.DONE, JobRun.Outcome.PARTIAL))
        .order_by()
        .values_list("job")
        .annotate(last=Max("finished_at"))
    )
    return {job: last for job, last in rows if last}


def count_failed_rows() -> dict[str, int]:
    """Job → number of failed rows in its latest run; jobs without failures are left out."""
    ended = JobRun.objects.exclude(finished_at=None)
    newest = ended.filter(job=OuterRef("job")).order_by("-finished_at").values("pk")[:1]
    latest = ended.filter(outcome=JobRun.Outcome.PARTIAL, pk=Subquery(newest)).order_by()
    return {run.job: int(run.counts[FAILED_COUNT]) for run in latest}


def _find_outcome(counts: Mapping[str, int]) -> JobRun.Outcome:
    return JobRun.Outcome.PARTIAL if counts.get(FAILED_COUNT) else JobRun.Outcome.DONE


def ask_run(job: str, now: datetime) -> bool:
    """Has `job` started by the next heartbeat. False when that is asked already."""
    JobTotal.objects.bulk_create([JobTotal(job=job)], ignore_conflicts=True)
    return bool(JobTotal.objects.filter(job=job, asked_at=None).update(asked_at=now))


def start_asked_runs(now: datetime, start: Callable[[str, str], None]) -> dict[str, int]:
    """Calls `start` with each job that was asked for and a suffix for its slot; each once."""
    started = 0
    for job in JobTotal.objects.exclude(asked_at=None).values_list("job", flat=True):
        if JobTotal.objects.filter(job=job).exclude(asked_at=None).update(asked_at=None):
            start(job, f" {now:%H:%M:%S}")
            started += 1
    return {"started": started}


def purge_runs(now: datetime) -> dict[str, int]:
    """Deletes runs that started before KEEP_RUNS."""
    return {"runs": JobRun.objects.filter(started_at__lt=now - KEEP_RUNS).delete()[0]}


def _compute_end(now: datetime, began: float) -> datetime:
    """`now` plus the duration since `began` (seconds of the monotonic clock)."""
    return now + timedelta(seconds=time.monotonic() - began)


def _finish_run(run: JobRun, now: datetime, work: Work) -> JobRun:
    began = time.monotonic()
    try:
        run.counts = dict(work() or {})
        run.outcome = _find_outcome(run.counts)
    except Exception as trouble:
        run.outcome = JobRun.Outcome.FAILED
        run.error = _format_error(trouble)
        raise
    finally:
        run.finished_at = _compute_end(now, began)
        run.save(update_fields=["counts", "outcome", "error", "finished_at"])
        _add_to_total(run)
    return run


def _record_sweep(
    job: str,
    slot: str,
    now: datetime,
    ended: datetime,
    outcome: str,
    counts: dict[str, int],
    error: str,
) -> JobRun:
    values = {
        "started_at": now,
        "finished_at": ended,
        "outcome": outcome,
        "counts": counts,
        "error": error,
    }
    row = JobRun(job=job, slot=slot, **values)
    if not JobRun.objects.filter(job=job, slot=slot).update(**values):
        JobRun.objects.bulk_create([row], ignore_conflicts=True)
    _add_to_total(row)
    return row


def _add_to_total(run: JobRun) -> None:
    """One statement; two for the first run of a job."""
    ended = run.finished_at or run.started_at
    seconds = (ended - run.started_at).total_seconds()
    if any(run.counts.values()) or seconds > WORTH_A_LINE:
        _log.info(
            "%s: %s in %.1f s",
            *(run.job, ", ".join(f"{name} {n}" for name, n in run.counts.items() if n), seconds),
            extra={"job": run.job, "milliseconds": round(seconds * 1000)},
        )
    is_failure = run.outcome == JobRun.Outcome.FAILED
    success = {} if is_failure else {"last_success_at": run.finished_at}
    changes = {
        "runs": F("runs") + 1,
        "failures": F("failures") + int(is_failure),
        "seconds": F("seconds") + seconds,
        "last_seconds": seconds,
        "last_run_at": run.started_at,
        **success,
    }
    total = JobTotal.objects.filter(job=run.job)
    if not total.update(**changes):
        JobTotal.objects.bulk_create([JobTotal(job=run.job)], ignore_conflicts=True)
        total.update(**changes)


def _format_error(trouble: Exception) -> str:
    """The kind of the fault, and its words without what may be somebody's: staff read it for
    months, and no erasure looks there.
    """
    return f"{type(trouble).__name__}: {scrub_words(str(trouble))}"[:300]
