"""Registers the application: what people who run the portal see and do."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "mgestion.operations"
    label = "operations"
    verbose_name = "Exploitation"

    def ready(self) -> None:
        from mgestion import slots
        from mgestion.operations import acts

        slots.journal_words.register("operations", acts.WORDS)
