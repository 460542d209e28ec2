"""Loads the demo data of each application, or prints the demo accounts."""

import hashlib
import inspect
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from mgestion import slots
from mgestion.demo import Demo, DemoAccount
from mgestion.jobs import flows as jobs


class Command(BaseCommand):
    help = "Load the demo data (embedded mode only). Does nothing when it is loaded already."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--print", action="store_true", help="only print the accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError(
                "This is production: accounts with published passwords are not created here."
            )
        if options["print"]:
            self.stdout.write("\n".join([format_table(list_demo_accounts()), *list_demo_notes()]))
            return
        now = timezone.now()
        ran = jobs.run_in_slot("demo.load", compute_demo_stamp(), now, lambda: self._load_all(now))
        if ran is None:
            self.stdout.write("The demo data is loaded already.")

    def _load_all(self, now: Any) -> dict[str, int]:
        for name, demo in slots.demo.items():
            demo(now)
            self.stdout.write(f"Demo data: {name}")
        return {"rooms": len(slots.demo.items())}


def list_demo_accounts() -> list[DemoAccount]:
    return [account for demo in slots.demo.values() for account in getattr(demo, "accounts", ())]


def list_demo_notes() -> list[str]:
    """Notes printed below the accounts."""
    found = [getattr(demo, "note", "") for demo in slots.demo.values()]
    return [f"\n{note}" for note in found if note]


def compute_demo_stamp() -> str:
    """A digest of the sources of the demo data and of PUBLIC_URL, which some of it uses; the slot
    of the loading job.
    """
    digest = hashlib.sha256(settings.PUBLIC_URL.encode())
    for name, demo in slots.demo.items():
        digest.update(name.encode())
        load = demo.load if isinstance(demo, Demo) else demo
        source = inspect.getsourcefile(inspect.unwrap(load))
        digest.update(Path(source).read_bytes() if source else b"")
    return digest.hexdigest()[:32]


def format_table(rows: list[DemoAccount]) -> str:
    """Aligned columns of plain text."""
    cells = [("Adresse e-mail", "Mot de passe", "Rôle", "À voir")]
    cells += [(row.email, row.password, row.role, row.see) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )
