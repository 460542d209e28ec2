"""The terms that come with the portal, until OPCO Mobilités loads its own."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

SLUG = "fevrier-2025"
LABEL = "Version Février 2025"
FILE = Path(__file__).parent / "texts" / "cgu-2025-02.html"
EFFECTIVE = datetime(2025, 2, 1, tzinfo=ZoneInfo("Europe/Paris"))


def read_shipped_body() -> str:
    """The HTML of the shipped version, as `markup.list_markup_faults` allows it."""
    return FILE.read_text(encoding="utf-8")
