"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig

from mgestion import slots


class RegistrationsConfig(AppConfig):
    name = "registrations"
    label = "registrations"
    verbose_name = "demandes d’inscription"

    def ready(self) -> None:
        from mgestion.personal_data import declare
        from registrations import demo, emails, metrics, personal_data, reference

        slots.mail_kinds.register("registrations.acknowledgment", emails.acknowledgment)
        slots.mail_kinds.register("registrations.to_delegation", emails.to_delegation)
        slots.mail_kinds.register("registrations.approved", emails.approved)
        slots.mail_kinds.register("registrations.refused", emails.refused)
        slots.reference.register("30-registrations", reference.load)
        slots.metrics.register("registrations", metrics.gauges)
        slots.demo.register("20-registrations", demo.REQUESTS)
        declare(personal_data.ENTRIES)
