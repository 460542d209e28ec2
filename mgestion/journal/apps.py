"""The application's configuration: what it registers in `mgestion.slots`."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "mgestion.journal"
    label = "journal"
    verbose_name = "Traçabilité"

    def ready(self) -> None:
        from mgestion import slots
        from mgestion.journal import acts, personal_data, schedule

        slots.row_kinds.register("80-journal", "mgestion.journal.staff_rows.KINDS")
        slots.related_rows.register("80-journal", "mgestion.journal.staff_rows.RELATIONS")
        slots.jobs.register_all(schedule.JOBS)
        slots.journal_words.register("journal", acts.WORDS)
        slots.personal_data.register_all(personal_data.ENTRIES)
