"""The Django app of login and sign-up, and what it registers in the slots."""

from django.apps import AppConfig


class EntryConfig(AppConfig):
    name = "accounts.entry"
    label = "entry"
    verbose_name = "Connexion"

    def ready(self) -> None:
        from accounts.entry import acts, change_emails, emails, metrics, personal_data, schedule
        from accounts.entry.limits import rate_limits
        from mgestion import slots
        from mgestion.outbox.catalogue.kinds import register_mails

        register_mails((*emails.MAILS, *change_emails.CHANGE_MAILS))
        slots.metrics.register("entry", metrics.measure_entry)
        slots.metric_words.register("entry", metrics.WORDS)
        slots.key_uses.register("10-factors", "accounts.entry.second_factor.key_rotation.USE")
        slots.to_do.register("entry", "accounts.entry.recovery.awaited_address.SOURCE")
        slots.limits.register("hit", rate_limits.count_event)
        slots.user_panels.register("10-entry", "accounts.entry.desk.panel.render_entry_panel")
        slots.demo.register("15-factors", "accounts.entry.second_factor.demo_factors.FACTORS")
        slots.jobs.register_all(schedule.JOBS)
        slots.journal_words.register("entry", acts.WORDS)
        slots.personal_data.register_all(personal_data.ENTRIES)
