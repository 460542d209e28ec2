"""The Django app of single sign-on, and what it registers in the slots."""

from django.apps import AppConfig


class CasConfig(AppConfig):
    name = "accounts.cas"
    label = "cas"
    verbose_name = "Connexion unique"

    def ready(self) -> None:
        from accounts.cas import acts, metrics, personal_data, schedule
        from accounts.cas.protocol import early_refusals
        from accounts.cas.tickets import session_life
        from mgestion import slots

        slots.jobs.register_all(schedule.JOBS)
        slots.journal_words.register("cas", acts.WORDS)
        slots.personal_data.register_all(personal_data.ENTRIES)
        slots.metrics.register("cas", metrics.measure_cas)
        slots.metric_words.register("cas", metrics.WORDS)
        slots.program_answers.register("cas", early_refusals.answer_program)
        slots.secret_parameters.register(
            "cas", ("ticket", "pgt", "pgtId", "pgtIou", "logoutRequest")
        )
        slots.private_addresses.register("cas", ("/cas/",))
        slots.session_holdings.register("cas", session_life.has_open_platforms)
        slots.session_successions.register("cas", session_life.move_tickets)
