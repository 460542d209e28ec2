"""Registers the application, and what it provides to the packages below it."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    label = "accounts"
    verbose_name = "Personnes"

    def ready(self) -> None:
        from accounts import acts, personal_data
        from accounts.leaving import emails
        from mgestion import slots
        from mgestion.outbox.catalogue.kinds import register_mails

        register_mails(emails.MAILS)
        slots.people.register("accounts", "accounts.people.naming.find_names")
        slots.addresses.register("accounts", "accounts.people.naming.find_address")
        slots.row_kinds.register("10-accounts", "accounts.staff_rows.KINDS")
        slots.related_rows.register("10-accounts", "accounts.staff_rows.RELATIONS")
        slots.journal_words.register("accounts", acts.WORDS)
        slots.personal_data.register_all(personal_data.ENTRIES)
