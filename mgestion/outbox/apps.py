"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "mgestion.outbox"
    label = "outbox"
    verbose_name = "courriels"
