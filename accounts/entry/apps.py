"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class EntryConfig(AppConfig):
    name = "accounts.entry"
    label = "entry"
    verbose_name = "entrée"

    def ready(self) -> None:
        from accounts.entry import emails, personal_data
        from accounts.entry.demo_factors import FACTORS
        from mgestion import slots
        from mgestion.personal_data import declare

        slots.mail_kinds.register("entry.create_password", emails.create_password)
        slots.mail_kinds.register("entry.account_exists", emails.account_exists)
        slots.mail_kinds.register("entry.reset", emails.reset)
        slots.mail_kinds.register("entry.unlock", emails.unlock)
        slots.mail_kinds.register("entry.password_changed", emails.password_changed)
        slots.mail_kinds.register("entry.factor_changed", emails.factor_changed)
        slots.demo.register("15-factors", FACTORS)
        declare(personal_data.ENTRIES)
