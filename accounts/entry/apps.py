"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class EntryConfig(AppConfig):
    name = "accounts.entry"
    label = "entry"
    verbose_name = "Connexion"

    def ready(self) -> None:
        from accounts.entry import acts, emails, limits, metrics, personal_data, schedule
        from accounts.entry.emails_loss import MAILS
        from mgestion import slots

        slots.mail_kinds.register_all(MAILS)
        slots.mail_kinds.register("entry.create_password", emails.create_password)
        slots.mail_kinds.register("entry.account_exists", emails.account_exists)
        slots.mail_kinds.register("entry.reset", emails.reset)
        slots.mail_kinds.register("entry.unlock", emails.unlock)
        slots.mail_kinds.register("entry.password_changed", emails.password_changed)
        slots.mail_kinds.register("entry.factor_changed", emails.factor_changed)
        slots.mail_kinds.register("entry.factor_code", emails.factor_code)
        slots.mail_kinds.register("entry.new_device", emails.new_device)
        slots.mail_kinds.register("entry.confirm_address", emails.confirm_address)
        slots.mail_kinds.register("entry.address_changed", emails.address_changed)
        slots.awaited_mails.update(emails.AWAITED)
        slots.metrics.register("entry", metrics.figures)
        slots.limits.register("hit", limits.hit)
        slots.user_panels.register("10-entry", "accounts.entry.panel.panel")
        slots.demo.register("15-factors", "accounts.entry.demo_factors.FACTORS")
        slots.jobs.register_all(schedule.JOBS)
        slots.journal_words.register("entry", acts.WORDS)
        slots.personal_data.register_all(personal_data.ENTRIES)
