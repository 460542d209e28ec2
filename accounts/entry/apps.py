"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class EntryConfig(AppConfig):
    name = "accounts.entry"
    label = "entry"
    verbose_name = "entrée"
