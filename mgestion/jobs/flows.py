"""Running scheduled work, and remembering how it went."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max, OuterRef, Q, Subquery

from mgestion.jobs.models import JobRun
from mgestion.web.logs import one_line

_log = logging.getLogger(__name__)

Work = Callable[[], Mapping[str, int] | None]

# After this, a run still marked as running died with its worker, and its slot may be taken over.
ABANDONED_AFTER = timedelta(hours=1)
KEEP_RUNS = timedelta(days=90)
LATEST = "latest"
FAILED_PART = "failed"  # the count by which `work` says that it failed for some of its rows
LATEST_FAILURE = "latest-failure"


def run_in_slot(job: str, slot: str, now: datetime, work: Work) -> JobRun | None:
    """Runs `work` once for (job, slot): the unique row decides, however many beats tick.

    None when another run has the slot or finished it. A slot whose run failed, or was abandoned
    for an hour, is taken over by the next call. What `work` raises is recorded, then raised.
    `slot` is a text of at most 40 characters that the caller derives from the time (a Paris date).
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
    return _finish(run, now, work)


def run_sweep(job: str, now: datetime, work: Work) -> JobRun:
    """Runs `work` each time it is called: for sweeps that claim their rows themselves.

    One row holds the latest success and one the latest failure, so that a sweep of every few
    seconds doesn't fill the table. What `work` raises is recorded, then raised.
    """
    began = time.monotonic()
    try:
        counts = dict(work() or {})
    except Exception as trouble:
        failed = JobRun.Outcome.FAILED
        _remember(job, LATEST_FAILURE, now, _ended(now, began), failed, {}, _short(trouble))
        raise
    return _remember(job, LATEST, now, _ended(now, began), _outcome(counts), counts, "")


def last_successes() -> dict[str, datetime]:
    """Job → when it last went to its end. A run that failed for some rows only is no late job: it
    is told by `partly_failed`.
    """
    rows = (
        JobRun.objects.filter(outcome__in=(JobRun.Outcome.DONE, JobRun.Outcome.PARTIAL))
        .order_by()
        .values_list("job")
        .annotate(last=Max("finished_at"))
    )
    return {job: last for job, last in rows if last}


def partly_failed() -> dict[str, int]:
    """Job → how many rows its latest run failed for; jobs that failed for none are left out."""
    ended = JobRun.objects.exclude(finished_at=None)
    newest = ended.filter(job=OuterRef("job")).order_by("-finished_at").values("pk")[:1]
    latest = ended.filter(outcome=JobRun.Outcome.PARTIAL, pk=Subquery(newest)).order_by()
    return {run.job: int(run.counts[FAILED_PART]) for run in latest}


def _outcome(counts: Mapping[str, int]) -> JobRun.Outcome:
    return JobRun.Outcome.PARTIAL if counts.get(FAILED_PART) else JobRun.Outcome.DONE


def purge_runs(now: datetime) -> dict[str, int]:
    """Forgets runs that started more than 90 days ago."""
    return {"runs": JobRun.objects.filter(started_at__lt=now - KEEP_RUNS).delete()[0]}


def _ended(now: datetime, began: float) -> datetime:
    """`now` is the moment that the work was asked about: the time it took comes on top. `began`:
    seconds of the monotonic clock, which no adjustment of the machine's time moves.
    """
    return now + timedelta(seconds=time.monotonic() - began)


def _finish(run: JobRun, now: datetime, work: Work) -> JobRun:
    began = time.monotonic()
    try:
        run.counts = dict(work() or {})
        run.outcome = _outcome(run.counts)
    except Exception as trouble:
        run.outcome = JobRun.Outcome.FAILED
        run.error = _short(trouble)
        raise
    finally:
        run.finished_at = _ended(now, began)
        run.save(update_fields=["counts", "outcome", "error", "finished_at"])
    return run


def _remember(
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
    return row


def _short(trouble: Exception) -> str:
    return one_line(f"{type(trouble).__name__}: {trouble}")[:300]
