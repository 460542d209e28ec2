"""Calendar rules, pure: no clock is read here. Dates are Paris dates, moments are aware."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
).split()


def paris_date(moment: datetime) -> date:
    """The date in Paris at `moment` (aware; ValueError otherwise)."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone is no moment.")
    return moment.astimezone(PARIS).date()


def numeric_moment(moment: datetime) -> str:
    """« 17/03/2026 14:05 », Paris time."""
    return f"{moment.astimezone(PARIS):%d/%m/%Y %H:%M}"


def end_of_paris_day(day: date) -> datetime:
    """24:00 of `day` in Paris, in UTC: the end of « jusqu’au <day> inclus »."""
    return start_of_paris_day(day + timedelta(days=1))


def last_day_before(end: datetime) -> date:
    """The last Paris day that is whole before `end` (aware), the inverse of `end_of_paris_day`."""
    return paris_date(end - timedelta(microseconds=1))


def start_of_paris_day(day: date) -> datetime:
    """00:00 of `day` in Paris, in UTC."""
    return datetime.combine(day, time.min, tzinfo=PARIS).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier), clamped to the month's last day: 31 January + 1 is
    28 or 29 February.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def french_date(day: date) -> str:
    """« mardi 17 mars 2026 », « dimanche 1er mars 2026 »; of a moment, its Paris date."""
    if isinstance(day, datetime):
        day = paris_date(day)
    number = "1er" if day.day == 1 else str(day.day)
    return f"{_DAYS[day.weekday()]} {number} {_MONTHS[day.month - 1]} {day.year}"


def french_month(moment: datetime) -> str:
    """« mars 2026 », in Paris."""
    day = paris_date(moment)
    return f"{_MONTHS[day.month - 1]} {day.year}"


def french_hour(moment: datetime) -> str:
    """« 14 h 05 » in Paris, with non-breaking spaces."""
    local = moment.astimezone(PARIS)
    return f"{local.hour}\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}{local.minute:02d}"


def french_moment(moment: datetime) -> str:
    """« mardi 17 mars 2026 à 14 h 05 (heure de Paris) »."""
    return f"{french_date(paris_date(moment))} à {french_hour(moment)} (heure de Paris)"


def french_last_day(end: datetime) -> str:
    """« mardi 17 mars 2026 inclus (heure de Paris) », for the 24:00 of that day."""
    return f"{french_date(last_day_before(end))} inclus (heure de Paris)"
