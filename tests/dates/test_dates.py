"""Calendar rules on Paris dates, and how dates are written."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgestion.templatetags import portal
from mgestion.text import french
from mgestion.text.dates import (
    add_months,
    end_of_paris_day,
    french_date,
    french_last_day,
    french_moment,
    last_day_before,
    paris_date,
    start_of_paris_day,
)

NBSP, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), date(2026, 2, 1)),
        (datetime(2026, 7, 14, 21, 59, 59, tzinfo=UTC), date(2026, 7, 14)),
        (datetime(2026, 7, 14, 22, 0, tzinfo=UTC), date(2026, 7, 15)),
    ],
)
def test_the_paris_date_changes_at_midnight_in_paris(moment: datetime, day: date) -> None:
    assert paris_date(moment) == day


def test_a_moment_without_a_zone_has_no_paris_date() -> None:
    with pytest.raises(ValueError, match="time zone"):
        paris_date(datetime(2026, 1, 1))  # noqa: DTZ001  # the mistake itself


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 3, 17), 24)],
)
def test_a_day_lasts_from_midnight_to_midnight_when_clocks_change_too(
    day: date, hours: int
) -> None:
    assert end_of_paris_day(day) - start_of_paris_day(day) == timedelta(hours=hours)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_the_end_of_a_day_is_the_first_moment_of_the_next(day: date) -> None:
    end = end_of_paris_day(day)
    assert paris_date(end) == day + timedelta(days=1)
    assert paris_date(end - timedelta(microseconds=1)) == day


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 24, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 8, 31), 0, date(2026, 8, 31)),
    ],
)
def test_months_are_added_on_the_calendar_and_clamped(
    day: date, months: int, expected: date
) -> None:
    assert add_months(day, months) == expected


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(0, 120))
def test_adding_months_moves_exactly_that_many_months(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day <= day.day


@pytest.mark.req("S57")
def test_the_last_day_before_midnight_is_the_day_that_ends_there() -> None:
    day = date(2026, 4, 11)
    assert last_day_before(end_of_paris_day(day)) == day
    assert french_last_day(end_of_paris_day(day)) == "samedi 11 avril 2026 inclus (heure de Paris)"


def test_dates_and_hours_are_written_in_french() -> None:
    assert french_date(date(2026, 3, 17)) == "mardi 17 mars 2026"
    assert french_date(date(2026, 2, 1)) == "dimanche 1er février 2026"
    moment = datetime(2026, 3, 17, 13, 5, tzinfo=UTC)
    expected = f"mardi 17 mars 2026 à 14{NBSP}h{NBSP}05 (heure de Paris)"
    assert french_moment(moment) == expected
    assert portal.french_moment(moment) == expected
    assert portal.french_date(datetime(2026, 3, 17, 23, 30, tzinfo=UTC)) == "mercredi 18 mars 2026"


def test_filters_say_nothing_for_nothing() -> None:
    assert portal.french_date(None) == portal.french_moment(None) == ""
    assert portal.siret(None) == portal.phone_fr(None) == portal.phone_fr("") == ""


def test_a_siret_is_shown_by_three_three_three_five() -> None:
    assert portal.siret("35600000000048") == THIN.join(("356", "000", "000", "00048"))
    assert portal.siret("356") == "356"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+33199001234", "01 99 00 12 34"),
        ("+262262123456", "+262 262 12 34 56"),
        ("+3222345678", "+32 2 234 56 78"),
        ("pas un numéro", "pas un numéro"),
    ],
)
def test_a_phone_is_shown_as_it_is_dialled_in_france(stored: str, shown: str) -> None:
    assert portal.phone_fr(stored).replace(NBSP, " ") == shown


@pytest.mark.parametrize(("number", "ending"), [(0, ""), (1, ""), (2, "s"), (1000, "s"), (-1, "")])
def test_french_counts_zero_as_one(number: int, ending: str) -> None:
    assert portal.plural(number) == ending
    assert french.format_count(number, "compte", "effacé") == (
        f"{number}{NBSP}compte{ending} effacé{ending}"
    )


@pytest.mark.parametrize(
    ("names", "said"),
    [([], ""), (["A"], "A"), (["A", "B"], "A et B"), (["A", "B", "C"], "A, B et C")],
)
def test_names_are_listed_as_in_a_sentence(names: list[str], said: str) -> None:
    assert french.join_names(names) == said
