"""Registers the application, and what it provides to the packages below it."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from mgestion import slots


class HabilitationsConfig(AppConfig):
    name = "accounts.habilitations"
    label = "habilitations"
    verbose_name = "Habilitations"

    def ready(self) -> None:
        from accounts.habilitations import acts, emails, loading, personal_data, schedule
        from accounts.habilitations.accesses import change_feed
        from accounts.habilitations.api import early_refusals
        from accounts.habilitations.reference import checks
        from accounts.habilitations.staff.querysets import is_national_administrator
        from mgestion.outbox.catalogue.kinds import register_mails

        register(checks.check_routing, Tags.database)
        register_mails(emails.MAILS)
        slots.administrators.register("habilitations", is_national_administrator)
        slots.account_state_changes.register("habilitations", change_feed.record_standing_change)
        slots.identity_changes.register("habilitations", change_feed.record_identity_change)
        slots.reference.register("10-habilitations", loading.load_reference_tables)
        slots.metrics.register("habilitations.unrouted", checks.measure_unrouted)
        slots.metric_words.register("habilitations.unrouted", checks.WORDS)
        slots.program_answers.register("api", early_refusals.answer_program)
        slots.private_addresses.register("api", ("/api/",))
        slots.demo.register("10-staff", "accounts.habilitations.demo.STAFF")
        slots.row_kinds.register("20-habilitations", "accounts.habilitations.staff_rows.KINDS")
        slots.related_rows.register(
            "20-habilitations", "accounts.habilitations.staff_rows.RELATIONS"
        )
        slots.jobs.register_all(schedule.JOBS)
        slots.journal_words.register("habilitations", acts.WORDS)
        slots.personal_data.register_all(personal_data.ENTRIES)
