"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class HabilitationsConfig(AppConfig):
    name = "accounts.habilitations"
    label = "habilitations"
    verbose_name = "habilitations"
