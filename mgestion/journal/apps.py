"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "mgestion.journal"
    label = "journal"
    verbose_name = "Traçabilité"

    def ready(self) -> None:
        from mgestion.journal import personal_data
        from mgestion.personal_data import declare

        declare(personal_data.ENTRIES)
