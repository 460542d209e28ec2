"""Registers the application, and what it provides to the packages below it."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "mgestion.outbox"
    label = "outbox"
    verbose_name = "Courrier"

    def ready(self) -> None:
        from mgestion import slots
        from mgestion.outbox import acts, health, personal_data, schedule
        from mgestion.outbox.bounces import flows as bounce_flows
        from mgestion.outbox.catalogue import kinds

        slots.reason_words.register("mail", kinds.get_kind_labels)
        slots.reason_words.register("mail_text", kinds.get_kind_labels)
        slots.alarms.register("outbox", health.check_outbox_lag)
        slots.alarms.register("bounces", health.check_bounce_mailbox)
        slots.address_changes.register("outbox", bounce_flows.forget_old_address)
        slots.metrics.register("outbox", health.measure_outbox)
        slots.metric_words.register("outbox", health.WORDS)
        slots.home_lines.register("10-outbox", "mgestion.outbox.home.list_outbox_notices")
        slots.row_kinds.register("70-outbox", "mgestion.outbox.staff_rows.KINDS")
        slots.jobs.register_all(schedule.JOBS)
        slots.journal_words.register("outbox", acts.WORDS)
        slots.personal_data.register_all(personal_data.ENTRIES)
