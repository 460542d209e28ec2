"""Registers the application, and what it provides to the packages below it."""

from django.apps import AppConfig


class ProfileConfig(AppConfig):
    name = "accounts.profile"
    label = "profile"
    verbose_name = "Droits des personnes"

    def ready(self) -> None:
        from accounts.profile import acts, emails, metrics, personal_data, schedule
        from accounts.profile.rights import demo
        from accounts.profile.rights import flows as rights_flows
        from mgestion import slots
        from mgestion.outbox.catalogue.kinds import register_mails

        register_mails(emails.MAILS)
        slots.to_do.register("profile", "accounts.profile.export.awaited_copies.SOURCE")
        slots.metrics.register("profile", metrics.measure_rights_requests)
        slots.metric_words.register("profile", metrics.WORDS)
        slots.key_uses.register("20-copies", "accounts.profile.export.encryption.USE")
        slots.home_lines.register(
            "20-profile", "accounts.profile.rights.home_notices.list_late_rights_requests"
        )
        # The ways out, and one's own data.
        slots.open_before_terms.register("profile", ("/compte/fermeture/", "/compte/mes-donnees/"))
        slots.private_addresses.register("profile", ("/compte/",))
        slots.demo.register("40-rights", demo.RIGHTS)
        slots.address_changes.register("profile", rights_flows.follow_address_of_rights_requests)
        slots.row_kinds.register("40-profile", "accounts.profile.staff_rows.KINDS")
        slots.related_rows.register("40-profile", "accounts.profile.staff_rows.RELATIONS")
        slots.jobs.register_all(schedule.JOBS)
        slots.journal_words.register("profile", acts.WORDS)
        slots.personal_data.register_all(personal_data.ENTRIES)
