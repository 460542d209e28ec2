"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class ProfileConfig(AppConfig):
    name = "accounts.profile"
    label = "profile"
    verbose_name = "Droits des personnes"

    def ready(self) -> None:
        from accounts.profile import acts, demo, emails, flows_rights, metrics, personal_data
        from mgestion import slots
        from mgestion.personal_data import declare

        for kind, builder in emails.MAILS.items():
            slots.mail_kinds.register(kind, builder)
        slots.metrics.register("profile", metrics.owed)
        slots.home_lines.register("20-profile", "accounts.profile.home.home_lines")
        slots.demo.register("40-rights", demo.RIGHTS)
        slots.address_changes.register("profile", flows_rights.follow)
        slots.journal_words.register("profile", acts.WORDS)
        declare(personal_data.ENTRIES)
