"""Registers the demo's second platform at the port that `make run` chose."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.cas import demo_platform


class Command(BaseCommand):
    help = "Register the demo's second platform (embedded mode only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError("This is production: the demo's platform is not registered here.")
        demo_platform.register_platform(timezone.now())
