"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth import user_logged_in


def _nothing(**kwargs: Any) -> None:
    """Stands where Django's `update_last_login` would."""


class EntryConfig(AppConfig):
    name = "accounts.entry"
    label = "entry"
    verbose_name = "Connexion"

    def ready(self) -> None:
        from accounts.entry import acts, emails, limits, metrics, personal_data
        from accounts.entry.emails_loss import MAILS
        from mgestion import slots
        from mgestion.personal_data import declare

        for kind, builder in MAILS.items():
            slots.mail_kinds.register(kind, builder)
        # `standing.note_login` writes the date, in the statement that notes activity. Django
        # connects its own receiver later, under this name: a name that is taken is left alone.
        user_logged_in.connect(_nothing, dispatch_uid="update_last_login")

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
        slots.journal_words.register("entry", acts.WORDS)
        declare(personal_data.ENTRIES)
