"""Metrics of this application."""

from datetime import datetime
from typing import Final

from accounts.profile.models import RightsRequest
from mgestion.text.dates import paris_date

WORDS: Final = {
    "profile_rights_late": "Rights requests past the last day of their answer",
    "profile_rights_open": "Rights requests that wait for an answer",
}


def measure_rights_requests(now: datetime) -> dict[str, float]:
    """For /metrics: how many wait, and how many are late."""
    waiting = RightsRequest.objects.open()
    return {
        "profile_rights_open": float(waiting.count()),
        "profile_rights_late": float(waiting.filter(due_on__lt=paris_date(now)).count()),
    }
