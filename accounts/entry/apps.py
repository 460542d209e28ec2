"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class EntryConfig(AppConfig):
    name = "accounts.entry"
    label = "entry"
    verbose_name = "entrée"

    def ready(self) -> None:
        from accounts.entry import emails, panel, personal_data
        from accounts.entry.demo_factors import FACTORS
        from accounts.entry.emails_loss import MAILS
        from mgestion import slots
        from mgestion.personal_data import declare

        for kind, builder in MAILS.items():
            slots.mail_kinds.register(kind, builder)
        slots.mail_kinds.register("entry.create_password", emails.create_password)
        slots.mail_kinds.register("entry.account_exists", emails.account_exists)
        slots.mail_kinds.register("entry.reset", emails.reset)
        slots.mail_kinds.register("entry.unlock", emails.unlock)
        slots.mail_kinds.register("entry.password_changed", emails.password_changed)
        slots.mail_kinds.register("entry.factor_changed", emails.factor_changed)
        slots.mail_kinds.register("entry.new_device", emails.new_device)
        slots.mail_kinds.register("entry.confirm_address", emails.confirm_address)
        slots.mail_kinds.register("entry.address_changed", emails.address_changed)
        slots.user_panels.register("10-entry", panel.panel)
        slots.demo.register("15-factors", FACTORS)
        declare(personal_data.ENTRIES)
