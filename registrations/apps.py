"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig

from mgestion import slots


class RegistrationsConfig(AppConfig):
    name = "registrations"
    label = "registrations"
    verbose_name = "Inscriptions"

    def ready(self) -> None:
        from registrations import acts, metrics, schedule
        from registrations.desk.acts import reopen, routing_effects
        from registrations.desk.reminders import clock_emails, clock_flows, undelivered_emails
        from registrations.desk.reminders.undelivered_flows import UNDELIVERED
        from registrations.documents import emails as documents_emails
        from registrations.documents import flows as documents_flows
        from registrations.enrolment import emails
        from registrations.establishments.emails import MAILS
        from registrations.personal_data import documents as personal_data_documents
        from registrations.personal_data import requests as personal_data_requests
        from registrations.personal_data import reviews
        from registrations.reference import shipped_texts
        from registrations.requests import suspension_flows

        slots.mail_kinds.register_all(MAILS)
        slots.mail_kinds.register("registrations.acknowledgment", emails.acknowledgment)
        slots.mail_kinds.register("registrations.to_delegation", emails.to_delegation)
        slots.mail_kinds.register("registrations.approved", emails.approved)
        slots.mail_kinds.register("registrations.refused", emails.refused)
        slots.mail_kinds.register(documents_flows.ASKED, documents_emails.asked)
        slots.mail_kinds.register(documents_flows.REMINDED, documents_emails.reminder)
        slots.mail_kinds.register(documents_flows.PROLONGED, documents_emails.prolonged)
        slots.mail_kinds.register(documents_flows.WITHDRAWN, documents_emails.withdrawn)
        slots.mail_kinds.register(documents_flows.RECEIVED, documents_emails.received)
        slots.mail_kinds.register(reopen.REOPENED, documents_emails.reopened)
        slots.mail_kinds.register(suspension_flows.SUSPENDED, documents_emails.access_suspended)
        slots.mail_kinds.register(suspension_flows.RESTORED, documents_emails.access_restored)
        slots.mail_kinds.register(UNDELIVERED, undelivered_emails.undelivered)
        slots.mail_kinds.register("registrations.reminder", clock_emails.reminder)
        slots.mail_kinds.register("registrations.overdue", clock_emails.overdue)
        slots.mail_kinds.register(clock_flows.LATE, clock_emails.late)
        slots.mail_kinds.register("registrations.digest", clock_emails.digest)
        slots.reference.register("30-registrations", shipped_texts.load)
        slots.table_effects.register("registrations", routing_effects.preview)
        slots.account_search.register(
            "registrations", "registrations.search.search_words.accounts_by_words"
        )
        slots.address_changes.register(
            "registrations", "registrations.search.search_words.follow_address"
        )
        slots.reason_words.register(
            "request", "registrations.reference.shipped_texts.reason_labels"
        )
        slots.metrics.register("registrations", metrics.gauges)
        slots.demo.register("20-registrations", "registrations.demo.requests.REQUESTS")
        slots.demo.register("25-registrations-crowd", "registrations.demo.crowd.CROWD")
        slots.jobs.register_all(schedule.JOBS)
        slots.journal_words.register("registrations", acts.WORDS)
        slots.personal_data.register_all(personal_data_requests.ENTRIES)
        slots.personal_data.register_all(personal_data_documents.ENTRIES)
        slots.personal_data.register_all(reviews.ENTRIES)
