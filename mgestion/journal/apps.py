"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "mgestion.journal"
    label = "journal"
    verbose_name = "Traçabilité"

    def ready(self) -> None:
        from mgestion import slots
        from mgestion.journal import acts, personal_data
        from mgestion.personal_data import declare

        slots.journal_words.register("journal", acts.WORDS)
        declare(personal_data.ENTRIES)
