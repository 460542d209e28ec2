"""The application's configuration: what it registers in `mgestion.slots`."""

from django.apps import AppConfig


class MgestionConfig(AppConfig):
    name = "mgestion"
    label = "mgestion"
    verbose_name = "Portail"

    def ready(self) -> None:
        from django.conf import settings

        from mgestion import (
            VERSION,
            checks,  # noqa: F401  # registers them
            slots,
            storage,
        )
        from mgestion.database import slow_queries
        from mgestion.monitoring.fault_reports import start_fault_reports

        start_fault_reports(settings.SENTRY_DSN, VERSION)
        slow_queries.watch_statements()
        slots.secret_parameters.register("admin", ("q",))  # searches hold people's addresses
        slots.readiness.register("storage", storage.check_data_folder)
        slots.readiness.register("static", storage.check_static_files)
