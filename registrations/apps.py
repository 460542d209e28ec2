"""The configuration of the app, and what it registers in the slots of lower apps."""

from django.apps import AppConfig

from mgestion import slots


class RegistrationsConfig(AppConfig):
    name = "registrations"
    label = "registrations"
    verbose_name = "Inscriptions"

    def ready(self) -> None:
        from mgestion.outbox.catalogue.kinds import register_mails
        from registrations import acts, metrics, schedule
        from registrations.accesses import emails as accesses_emails
        from registrations.conversation import emails as conversation_emails
        from registrations.desk.acts import routing_effects
        from registrations.desk.opinions import emails as opinions_emails
        from registrations.desk.reminders import clock_emails
        from registrations.documents import emails as documents_emails
        from registrations.enrolment import emails
        from registrations.establishments import emails as establishments_emails
        from registrations.invitations import emails as invitations_emails
        from registrations.personal_data import desk, documents, establishments, requests
        from registrations.reference import shipped_texts

        mails = (
            *(emails, documents_emails, clock_emails, establishments_emails, accesses_emails),
            invitations_emails,
            opinions_emails,
            conversation_emails,
        )
        for module in mails:
            register_mails(module.MAILS)
        slots.private_addresses.register(
            "registrations", ("/m-gestion/", "/demandes/", "/services/", "/invitation/")
        )
        slots.open_before_terms.register("registrations", ("/compte/acces/",))  # a way out
        slots.to_do.register(
            "registrations.conversation", "registrations.conversation.awaited_reading.SOURCE"
        )
        slots.to_do.register(
            "registrations.requests", "registrations.enrolment.awaited_answers.SOURCE"
        )
        slots.to_do.register(
            "registrations.reviews", "registrations.establishments.awaited_reviews.SOURCE"
        )
        slots.to_do.register(
            "registrations.invitations", "registrations.invitations.awaited_invitations.SOURCE"
        )
        slots.reference.register("30-registrations", shipped_texts.load_shipped_texts)
        slots.table_effects.register("registrations", routing_effects.preview_routing_effects)
        slots.access_panels.register(
            "10-file", "registrations.desk.queue.access_file.render_file_panel"
        )
        slots.account_search.register(
            "registrations", "registrations.search.search_words.select_accounts_by_words"
        )
        slots.address_changes.register(
            "registrations", "registrations.search.search_words.reindex_changed_address"
        )
        slots.reason_words.register(
            "request", "registrations.reference.shipped_texts.get_reason_labels"
        )
        slots.metrics.register("registrations", metrics.measure_request_gauges)
        slots.metric_words.register("registrations", metrics.WORDS)
        slots.demo.register("20-registrations", "registrations.demo.requests.REQUESTS")
        slots.demo.register(
            "22-registrations-invitations", "registrations.demo.invitations.DEMO_INVITATIONS"
        )
        slots.demo.register("27-registrations-views", "registrations.demo.saved_views.DEMO_VIEWS")
        slots.demo.register("25-registrations-crowd", "registrations.demo.crowd.CROWD")
        slots.demo.register(
            "26-response-times", "registrations.promise.response_times.measure_response_times"
        )
        slots.demo.register("28-evidence", "registrations.demo.evidence.DEMO_EVIDENCE")
        slots.row_kinds.register("30-registrations", "registrations.staff_rows.KINDS")
        slots.related_rows.register("30-registrations", "registrations.staff_rows.RELATIONS")
        slots.jobs.register_all(schedule.JOBS)
        slots.journal_words.register("registrations", acts.WORDS)
        for inventory in (requests, documents, establishments, desk):
            slots.personal_data.register_all(inventory.ENTRIES)
