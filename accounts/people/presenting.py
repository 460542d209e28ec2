"""An account in words, for the pages that show one. Pure."""

from accounts.people.models import User
from mgestion.text.dates import french_date, last_day_before


def format_last_day(user: User) -> str:
    """« mardi 17 mars 2026 »: the last day on which the account can come back; "" when none runs.

    `revivable_until` is 24:00 of that day: the day before its date.
    """
    if user.revivable_until is None:
        return ""
    return french_date(last_day_before(user.revivable_until))
