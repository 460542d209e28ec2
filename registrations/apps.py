"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig

from mgestion import slots


class RegistrationsConfig(AppConfig):
    name = "registrations"
    label = "registrations"
    verbose_name = "Inscriptions"

    def ready(self) -> None:
        from mgestion.personal_data import declare
        from registrations import (
            acts,
            effects,
            emails,
            emails_asking,
            emails_clock,
            emails_undelivered,
            metrics,
            personal_data,
            personal_data_asking,
            personal_data_review,
            reference,
        )
        from registrations.emails_establishment import MAILS
        from registrations.flows import alerts, asking, reopen, suspend
        from registrations.flows.undelivered import UNDELIVERED

        for kind, builder in MAILS.items():
            slots.mail_kinds.register(kind, builder)
        slots.mail_kinds.register("registrations.acknowledgment", emails.acknowledgment)
        slots.mail_kinds.register("registrations.to_delegation", emails.to_delegation)
        slots.mail_kinds.register("registrations.approved", emails.approved)
        slots.mail_kinds.register("registrations.refused", emails.refused)
        slots.mail_kinds.register(asking.ASKED, emails_asking.asked)
        slots.mail_kinds.register(asking.REMINDED, emails_asking.reminder)
        slots.mail_kinds.register(asking.PROLONGED, emails_asking.prolonged)
        slots.mail_kinds.register(asking.WITHDRAWN, emails_asking.withdrawn)
        slots.mail_kinds.register(asking.RECEIVED, emails_asking.received)
        slots.mail_kinds.register(reopen.REOPENED, emails_asking.reopened)
        slots.mail_kinds.register(suspend.SUSPENDED, emails_asking.access_suspended)
        slots.mail_kinds.register(suspend.RESTORED, emails_asking.access_restored)
        slots.mail_kinds.register(UNDELIVERED, emails_undelivered.undelivered)
        slots.mail_kinds.register("registrations.reminder", emails_clock.reminder)
        slots.mail_kinds.register("registrations.overdue", emails_clock.overdue)
        slots.mail_kinds.register(alerts.LATE, emails_clock.late)
        slots.mail_kinds.register("registrations.digest", emails_clock.digest)
        slots.reference.register("30-registrations", reference.load)
        slots.table_effects.register("registrations", effects.preview)
        slots.account_search.register(
            "registrations", "registrations.search_words.accounts_by_words"
        )
        slots.address_changes.register("registrations", "registrations.search_words.follow_address")
        slots.reason_words.register("request", "registrations.reference.reason_labels")
        slots.metrics.register("registrations", metrics.gauges)
        slots.demo.register("20-registrations", "registrations.demo.REQUESTS")
        slots.demo.register("25-registrations-crowd", "registrations.demo_crowd.CROWD")
        slots.journal_words.register("registrations", acts.WORDS)
        declare(personal_data.ENTRIES)
        declare(personal_data_asking.ENTRIES)
        declare(personal_data_review.ENTRIES)
