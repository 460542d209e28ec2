"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class MgestionConfig(AppConfig):
    name = "mgestion"
    label = "mgestion"
    verbose_name = "Portail"

    def ready(self) -> None:
        from mgestion import (
            checks,  # noqa: F401  # registers them
            slots,
            storage,
        )

        slots.readiness.register("storage", storage.writable)
