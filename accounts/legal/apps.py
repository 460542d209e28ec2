"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class LegalConfig(AppConfig):
    name = "accounts.legal"
    label = "legal"
    verbose_name = "textes et droits"
