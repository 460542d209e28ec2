"""`manage.py jobs`: what ran, what failed; `manage.py jobs run NAME`: run one here and now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.module_loading import import_string

from mgestion import slots
from mgestion.jobs.models import JobRun, JobTotal
from mgestion.operations.flows import record_job_command
from mgestion.operations.job_lines import JobLine, list_jobs
from mgestion.text.dates import french_moment


class Command(BaseCommand):
    help = "Lists the scheduled jobs with their last run, or runs one in this process."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act")
        acts.add_parser("list", help="what ran and what failed (default)")
        run = acts.add_parser("run", help="run one job now, without beat and workers")
        run.add_argument("name")
        run.add_argument(
            "--again", action="store_true", help="once more, though today's run succeeded"
        )

    def handle(self, *args: Any, act: str | None, **options: Any) -> None:
        if act == "run":
            self._run(options["name"], again=options["again"])
            return
        for line in list_jobs(timezone.now()):
            self.stdout.write(_format_line(line))

    def _run(self, name: str, *, again: bool) -> None:
        if name not in slots.jobs:
            raise CommandError(f"No job is called {name!r}: {', '.join(slots.jobs)}.")
        before = _count_runs(name)
        record_job_command(name, timezone.now())
        try:
            import_string(slots.jobs[name].task)(f" {timezone.now():%H:%M:%S}" if again else "")
        except Exception as trouble:
            raise CommandError(f"{name} failed: {type(trouble).__name__}: {trouble}") from trouble
        if _count_runs(name) == before:
            self.stdout.write(f"{name}: done today already, or runs elsewhere; see --again.")
            return
        run = JobRun.objects.filter(job=name).latest("finished_at")
        said = ", ".join(f"{what} {count}" for what, count in run.counts.items() if count)
        self.stdout.write(f"{name}: {run.get_outcome_display()}. {said}".rstrip(". ") + ".")


def _count_runs(name: str) -> int:
    return sum(JobTotal.objects.filter(job=name).values_list("runs", flat=True))


def _format_line(line: JobLine) -> str:
    """State, name, when it last succeeded, how often it ran and failed, its error."""
    success = line.total.last_success_at
    state = "EN RETARD" if line.is_late else "échec" if line.has_failed else "à jour"
    if line.latest is None:
        state = "jamais"
    error = f"  {line.latest.error}" if line.has_failed and line.latest else ""
    return (
        f"{state:<10} {line.name:<28} {french_moment(success) if success else '–':<42} "
        f"{line.total.runs} exécutions, {line.total.failures} échecs{error}"
    )
