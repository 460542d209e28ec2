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
        """« toutes les 30 s », « chaque heure, minute 17 »."""
        if self.job.every:
            seconds = int(self.job.every.total_seconds())
            if seconds == 60:
                return "chaque minute"
            number, unit = (seconds, "s") if seconds % 60 else (seconds // 60, "min")
            return f"toutes les {number}\u00a0{unit}"
        assert self.job.at is not None  # noqa: S101  # a job has one of the two
        at = self.job.at
        first, _, last = at.hour.partition("-")
        hours = "chaque heure" if at.hour == "*" else f"de {first} à {last}\u00a0h"
        days = "" if at.weekday == "*" else ", du lundi au vendredi"
        return f"{hours}, minute {at.minute}{days}"


def list_jobs(now: datetime) -> list[JobLine]:
    """Late jobs first, then those that fail, by name; two statements."""
    totals = {total.job: total for total in JobTotal.objects.all()}
    last = JobRun.objects.filter(job=OuterRef("job")).order_by("-started_at").values("pk")[:1]
    newest = {run.job: run for run in JobRun.objects.filter(pk=Subquery(last)).order_by()}
    lines = [
        JobLine(name, job, totals.get(name) or JobTotal(job=name), newest.get(name), now)
        for name, job in slots.jobs.items()
    ]
    return sorted(lines, key=lambda line: (not line.is_late, not line.has_failed))
