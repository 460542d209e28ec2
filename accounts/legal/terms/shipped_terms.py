"""The terms that come with the portal, until OPCO Mobilités loads its own; and specific conditions
for the demo.
"""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

SLUG = "fevrier-2025"
LABEL = "Version Février 2025"
_TEXTS = Path(__file__).parent / "texts"
FILE = _TEXTS / "cgu-2025-02.html"
EFFECTIVE = datetime(2025, 2, 1, tzinfo=ZoneInfo("Europe/Paris"))
CONDITIONS_PLATFORM = "m-campus-entreprise"
CONDITIONS_SLUG = "m-campus-entreprise-2025"
CONDITIONS_FILE = _TEXTS / "conditions-m-campus-entreprise.html"


def read_shipped_body() -> str:
    """The HTML of the shipped version, as `markup.list_markup_faults` allows it."""
    return FILE.read_text(encoding="utf-8")


def read_demo_conditions() -> str:
    """The HTML of the demo's specific conditions of M-Campus Entreprise."""
    return CONDITIONS_FILE.read_text(encoding="utf-8")
