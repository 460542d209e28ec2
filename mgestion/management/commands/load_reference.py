"""Loads the reference rows of each application."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from mgestion import slots


class Command(BaseCommand):
    help = "Create the missing reference rows; edited rows stay as they are, unless --force."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="put edited rows back to what the files say"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        for key, load in slots.reference.items():
            for line in load(now, options["force"]):
                self.stdout.write(f"{key} · {line}")
