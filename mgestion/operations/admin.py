"""The page of scheduled jobs: what ran, what failed, run now."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from mgestion import slots
from mgestion.admin.titles import RecordAdmin
from mgestion.jobs.models import JobRun
from mgestion.operations.flows import ask_job_run
from mgestion.operations.job_lines import JobLine, list_jobs
from mgestion.staff_acts import StaffAct, StaffActView

MAY_RUN = "jobs.change_jobrun"


@admin.register(JobRun)
class JobRunAdmin(RecordAdmin):
    """Each job with its last run, then the runs that are kept."""

    change_list_template = "admin/jobs/jobrun/change_list.html"
    list_display = ("label", "started_at", "duration", "outcome", "what", "error")
    list_display_links = None
    list_filter = ("outcome",)
    search_fields = ("job",)
    search_help_text = "Nom technique d’une tâche."
    show_full_result_count = False
    list_per_page = 50
    actions = None

    @admin.display(description="tâche", ordering="job")
    def label(self, run: JobRun) -> str:
        return slots.jobs[run.job].label if run.job in slots.jobs else run.job

    @admin.display(description="durée")
    def duration(self, run: JobRun) -> str:
        if run.finished_at is None:
            return "–"
        return f"{(run.finished_at - run.started_at).total_seconds():.1f}\u00a0s".replace(".", ",")

    @admin.display(description="comptes")
    def what(self, run: JobRun) -> str:
        said = [f"{name}\u00a0: {count}" for name, count in run.counts.items() if count]
        return ", ".join(said) or "–"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "title": "Tâches planifiées",
            "lines": list_jobs(timezone.now()),
            "may_run": request.user.has_perm(MAY_RUN),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        run = path(
            "<str:name>/executer/",
            self.admin_site.admin_view(JobActView.as_view()),
            name="jobs_job_run",
        )
        return [run, *super().get_urls()]


class JobActView(StaffActView[JobLine]):
    """Explains what a run now does, and has it done."""

    acts = {
        "executer": StaffAct(
            label="Exécuter maintenant",
            warning=lambda line, now: (
                f"«\u00a0{line.job.label}\u00a0» sera exécutée par un processus de travail dans la "
                "demi-minute, en plus de ses heures habituelles. Une tâche ne fait que ce qui est "
                "dû\u00a0: l’exécuter une fois de plus n’envoie et n’efface rien deux fois."
            ),
            verb=lambda line, actor, said, now: ask_job_run(line.name, actor=actor, now=now),
            done="Demande enregistrée. Rechargez cette page dans une minute pour voir le résultat.",
        )
    }

    def may_act(self) -> bool:
        return self.request.user.has_perm(MAY_RUN)

    def get_word(self) -> str:
        return "executer"

    def get_row(self) -> JobLine:
        for line in list_jobs(timezone.now()):
            if line.name == self.kwargs["name"]:
                return line
        raise Http404

    def row_url(self) -> str:
        return reverse("admin:jobs_jobrun_changelist")

    def page_context(self) -> dict[str, Any]:
        return {"crumbs": [("Tâches planifiées", self.row_url())]}
