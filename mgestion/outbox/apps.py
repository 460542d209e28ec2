"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "mgestion.outbox"
    label = "outbox"
    verbose_name = "Courrier"

    def ready(self) -> None:
        from mgestion import slots
        from mgestion.outbox import acts, health, kinds, personal_data, schedule

        slots.reason_words.register("mail", kinds.labels_of)
        slots.reason_words.register("mail_text", kinds.labels_of)
        slots.readiness.register("outbox", health.lag)
        slots.metrics.register("outbox", health.figures)
        slots.home_lines.register("10-outbox", "mgestion.outbox.home.home_lines")
        slots.jobs.register_all(schedule.JOBS)
        slots.journal_words.register("outbox", acts.WORDS)
        slots.personal_data.register_all(personal_data.ENTRIES)
