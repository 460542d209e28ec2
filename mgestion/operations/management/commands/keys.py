"""`manage.py keys`: what still leans on an old key; `--apply` moves what can be moved."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from mgestion import slots
from mgestion.operations.flows import reencrypt_rows


class Command(BaseCommand):
    help = "Counts what leans on an old key of the environment; --apply encrypts it anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="encrypt with the first key")

    def handle(self, *args: Any, apply: bool, **options: Any) -> None:
        for _, use in slots.key_uses.items():
            if apply and use.reencrypt is not None:
                moved = reencrypt_rows(use, timezone.now())
                self.stdout.write(f"{use.variable}: {moved} moved to the first key ({use.label})")
            total, old = use.count()
            left = "" if use.reencrypt is not None else "; they expire by themselves"
            self.stdout.write(
                f"{use.variable}: {old} of {total} under an old key ({use.label}){left}"
            )
        fallbacks, hashes = len(settings.SECRET_KEY_FALLBACKS), len(settings.HASH_KEYS) - 1
        self.stdout.write(
            f"SECRET_KEY: {fallbacks} old values verify; sessions, links and cookies signed with "
            "them are not rows: keep each 14 days for links, 13 months for known browsers."
        )
        self.stdout.write(
            f"HASH_KEY: {hashes} old keys are recognised; what was hashed cannot be hashed anew "
            "(the address is not kept): keep each as long as RETENTION_LEDGER and "
            "RETENTION_BLOCK_LIST."
        )
