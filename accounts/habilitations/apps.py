"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from mgestion import slots


class HabilitationsConfig(AppConfig):
    name = "accounts.habilitations"
    label = "habilitations"
    verbose_name = "Habilitations"

    def ready(self) -> None:
        from accounts.habilitations import (
            acts,
            changes,
            checks,
            emails,
            loading,
            personal_data,
            schedule,
        )
        from accounts.habilitations.flows import NEW_ACCESS_MAIL, RESTORED_MAIL, SUSPENDED_MAIL
        from accounts.habilitations.querysets import national
        from accounts.habilitations.tokens import EXPIRING_MAIL

        register(checks.everything_routed, Tags.database)
        slots.mail_kinds.register(NEW_ACCESS_MAIL, emails.new_access)
        slots.mail_kinds.register(SUSPENDED_MAIL, emails.access_suspended)
        slots.mail_kinds.register(RESTORED_MAIL, emails.access_restored)
        slots.administrators.register("habilitations", national)
        slots.standing_changes.register("habilitations", changes.note_standing)
        slots.identity_changes.register("habilitations", changes.note_identity)
        slots.mail_kinds.register(EXPIRING_MAIL, emails.token_expiring)
        slots.reference.register("10-habilitations", loading.load)
        slots.metrics.register("habilitations.unrouted", checks.unrouted_gauge)
        slots.demo.register("10-staff", "accounts.habilitations.demo.STAFF")
        slots.jobs.register_all(schedule.JOBS)
        slots.journal_words.register("habilitations", acts.WORDS)
        slots.personal_data.register_all(personal_data.ENTRIES)
