"""The room's entry in Django's registry, and what it hands down to lower rooms."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    label = "accounts"
    verbose_name = "comptes"
