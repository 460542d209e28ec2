"""The application's configuration: what it registers in `mgestion.slots`."""

from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    name = "lifecycle"
    label = "lifecycle"
    verbose_name = "Cycle de vie des comptes"

    def ready(self) -> None:
        from lifecycle import acts, health, personal_data, schedule
        from lifecycle.engine import emails, login_remarks
        from lifecycle.rules import dead_mailboxes
        from mgestion import slots
        from mgestion.outbox.catalogue.kinds import register_mails

        register_mails(emails.MAILS)
        slots.resend_guards.register("lifecycle", dead_mailboxes.refuse_resend)
        slots.demo.register("30-lifecycle", "lifecycle.demo.WATCHED")
        slots.user_panels.register("lifecycle", "lifecycle.desk.panel.render_account_panel")
        slots.metrics.register("lifecycle", health.build_metrics)
        slots.metric_words.register("lifecycle", health.WORDS)
        slots.home_lines.register("30-lifecycle", "lifecycle.desk.home.build_home_lines")
        slots.login_remarks.register("lifecycle", login_remarks.remark_on_login)
        slots.row_kinds.register("60-lifecycle", "lifecycle.desk.staff_rows.KINDS")
        slots.related_rows.register("60-lifecycle", "lifecycle.desk.staff_rows.RELATIONS")
        slots.jobs.register_all(schedule.JOBS)
        slots.journal_words.register("lifecycle", acts.WORDS)
        slots.personal_data.register_all(personal_data.ENTRIES)
