"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class ProfileConfig(AppConfig):
    name = "accounts.profile"
    label = "profile"
    verbose_name = "mon compte"
