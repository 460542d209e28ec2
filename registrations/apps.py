"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class RegistrationsConfig(AppConfig):
    name = "registrations"
    label = "registrations"
    verbose_name = "demandes d’inscription"
