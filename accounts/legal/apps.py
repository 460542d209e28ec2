"""Registers the application, and what it provides to the packages below it."""

from datetime import datetime

from django.apps import AppConfig
from django.core.checks import register

from mgestion import slots


class LegalConfig(AppConfig):
    name = "accounts.legal"
    label = "legal"
    verbose_name = "Conditions d’utilisation"

    def ready(self) -> None:
        from accounts.legal import acts, checks, emails, personal_data, schedule
        from accounts.legal.terms import flows, request_flows
        from mgestion.outbox.catalogue.kinds import register_mails

        register(checks.check_cookie_lives)
        register(checks.check_shipped_terms)
        register_mails(emails.MAILS)
        slots.reference.register("20-terms", flows.load_terms)
        slots.demo.register("12-conditions", flows.load_demo_conditions)
        slots.to_do.register("legal", "accounts.legal.terms.awaited_acceptances.SOURCE")
        slots.alarms.register("terms", check_terms_in_force)
        slots.address_changes.register("legal", request_flows.follow_address_of_terms_requests)
        slots.row_kinds.register("50-legal", "accounts.legal.staff_rows.KINDS")
        slots.related_rows.register("50-legal", "accounts.legal.staff_rows.RELATIONS")
        slots.jobs.register_all(schedule.JOBS)
        slots.journal_words.register("legal", acts.WORDS)
        slots.personal_data.register_all(personal_data.ENTRIES)


def check_terms_in_force(now: datetime) -> tuple[bool, str]:
    """Without terms in force nobody can create an account."""
    from accounts.legal.terms.flows import get_current_version

    version = get_current_version(now)
    if version is None:
        return False, "no terms of use in force: run load_reference"
    return True, version.slug
