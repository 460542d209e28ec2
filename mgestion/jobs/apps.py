"""The application's configuration."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "mgestion.jobs"
    label = "jobs"
    verbose_name = "Tâches planifiées"

    def ready(self) -> None:
        from mgestion import slots
        from mgestion.jobs import schedule

        slots.jobs.register_all(schedule.JOBS)
