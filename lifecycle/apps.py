"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    name = "lifecycle"
    label = "lifecycle"
    verbose_name = "cycle de vie des comptes"
