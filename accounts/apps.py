"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    label = "accounts"
    verbose_name = "Personnes"

    def ready(self) -> None:
        from accounts import acts, emails, personal_data, standing_acts
        from mgestion import slots

        slots.mail_kinds.register(standing_acts.ADMIN_DEACTIVATED, emails.admin_deactivated)
        slots.mail_kinds.register(standing_acts.CLOSING, emails.closing)
        slots.mail_kinds.register(standing_acts.SUSPENDED, emails.suspended)
        slots.mail_kinds.register(standing_acts.SUSPENSION_LIFTED, emails.suspension_lifted)
        slots.people.register("accounts", "accounts.naming.names_of")
        slots.journal_words.register("accounts", acts.WORDS)
        slots.personal_data.register_all(personal_data.ENTRIES)
