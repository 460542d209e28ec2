"""The application's configuration: what it registers in `mgestion.slots`."""

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
        from mgestion.database import slow_queries

        slow_queries.watch_statements()
        slots.secret_parameters.register("admin", ("q",))  # searches hold people's addresses
        slots.readiness.register("storage", storage.check_data_folder)
        slots.readiness.register("static", storage.check_static_files)
