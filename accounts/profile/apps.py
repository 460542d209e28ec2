"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class ProfileConfig(AppConfig):
    name = "accounts.profile"
    label = "profile"
    verbose_name = "mon compte"

    def ready(self) -> None:
        from accounts.profile import emails
        from mgestion import slots

        slots.mail_kinds.register(emails.IDENTITY_CHANGED, emails.identity_changed)
