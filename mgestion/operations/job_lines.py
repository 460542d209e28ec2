"""Each scheduled job with what it last did, for the page and for the command."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from mgestion import slots
from mgestion.jobs.models import JobRun, JobTotal
from mgestion.jobs.scheduled import ScheduledJob


@dataclass(frozen=True, slots=True)
class JobLine:
    name: str
    job: ScheduledJob
    total: JobTotal
    latest: JobRun | None
    now: datetime

    @property
    def is_late(self) -> bool:
        """A job that never ran is late only once the alarm says so (`check_late_jobs`)."""
        success = self.total.last_success_at
        return success is not None and self.now - success > self.job.late_after

    @property
    def has_failed(self) -> bool:
        return self.latest is not None and self.latest.outcome in (
            JobRun.Outcome.FAILED,
            JobRun.Outcome.PARTIAL,
        )

    @property
    def rhythm(self) -> str:
        """« 30 s », « chaque heure, minute 17 »."""
        if self.job.every:
            seconds = int(self.job.every.total_seconds())
            return f"{seconds // 60}\u00a0min" if seconds % 60 == 0 else f"{seconds}\u00a0s"
        assert self.job.at is not None  # noqa: S101  # a job has one of the two
        at = self.job.at
        first, _, last = at.hour.partition("-")
        hours = "chaque heure" if at.hour == "*" else f"de {first} à {last}\u00a0h"
        days = "" if at.weekday == "*" else ", du lundi au vendredi"
        return f"{hours}, minute {at.minute}{days}"


def list_jobs(now: datetime) -> list[JobLine]:
    """In the order of their names; two statements."""
    totals = {total.job: total for total in JobTotal.objects.all()}
    last = JobRun.objects.filter(job=OuterRef("job")).order_by("-started_at").values("pk")[:1]
    newest = {run.job: run for run in JobRun.objects.filter(pk=Subquery(last)).order_by()}
    return [
        JobLine(name, job, totals.get(name) or JobTotal(job=name), newest.get(name), now)
        for name, job in slots.jobs.items()
    ]
