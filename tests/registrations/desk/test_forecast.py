"""The forecast: which open requests will miss 48 h at the pace of the last days, and what helps."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Delegation
from registrations.desk.home import forecast_page
from registrations.desk.home.forecast import (
    LEAST_DECISIONS,
    PACE_DAYS,
    Backlog,
    OpenItem,
    forecast_backlog,
    suggest_moves,
)
from tests.effort import examples
from tests.factories.habilitations import NOW as DESK_NOW
from tests.factories.habilitations import make_staff
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import make_request

NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
HOURS = PACE_DAYS * 24


def backlog(key: int, dues: list[int], each: int) -> Backlog:
    """Due in these hours; one decision every `each` hours."""
    items = (OpenItem(NOW + timedelta(hours=due), f"{key}-{n}") for n, due in enumerate(dues))
    return Backlog(key, tuple(items), HOURS // each)


def missing(one: Backlog) -> list[str]:
    return [found.item.reference for found in forecast_backlog(one, NOW).missing or []]


def test_requests_are_decided_by_due_time_at_the_pace_of_the_last_days() -> None:
    one = backlog(1, [5, 20, 11], each=6)  # decided in 6, 12 and 18 hours, the most urgent first
    assert missing(one) == ["1-0", "1-2"]
    assert forecast_backlog(one, NOW).missing[0].expected_at == NOW + timedelta(hours=6)  # type: ignore[index]


def test_what_is_overdue_is_counted_apart_and_comes_first() -> None:
    found = forecast_backlog(backlog(1, [-30, 0, 17], each=6), NOW)
    assert found.overdue == 2
    assert [one.item.reference for one in found.missing or []] == ["1-2"]
    assert missing(backlog(1, [17], each=6)) == []


def test_the_very_due_time_is_in_time() -> None:
    assert missing(backlog(1, [6, 12], each=6)) == []


def test_under_ten_decisions_the_pace_is_unknown() -> None:
    few = Backlog(1, (OpenItem(NOW, "x"),), LEAST_DECISIONS - 1)
    assert forecast_backlog(few, NOW).missing is None
    assert forecast_backlog(Backlog(1, (), LEAST_DECISIONS), NOW).missing == []
    assert suggest_moves([few, backlog(2, [1], each=12)], NOW).moves == {}


def test_a_request_goes_where_it_is_decided_first_and_nobody_else_becomes_late() -> None:
    slow, quick, full = (
        backlog(1, [24, 24], each=24),
        backlog(2, [], each=6),
        backlog(3, [6, 12, 18, 24], each=6),
    )
    advice = suggest_moves([slow, quick, full], NOW)
    assert (dict(advice.moves), advice.saved) == ({(1, 2): 1}, 1)
    assert suggest_moves([slow, full], NOW).moves == {}
    tight = backlog(4, [27, 30], each=13)  # ready there in 13 hours, and the last one late
    assert suggest_moves([slow, tight], NOW).moves == {}
    assert suggest_moves([slow, quick], NOW, of=frozenset({2})).moves == {}


backlogs = st.lists(
    st.tuples(st.lists(st.integers(-20, 60), max_size=12), st.integers(0, 60)),
    min_size=1,
    max_size=4,
).map(
    lambda drawn: [
        Backlog(
            key,
            tuple(OpenItem(NOW + timedelta(hours=due), f"{key}-{n}") for n, due in enumerate(dues)),
            decided,
        )
        for key, (dues, decided) in enumerate(drawn)
    ]
)


def count_missing(some: list[Backlog]) -> int:
    return sum(len(forecast_backlog(one, NOW).missing or ()) for one in some)


@given(backlogs)
def test_what_is_suggested_saves_what_it_says_and_loses_nothing(some: list[Backlog]) -> None:
    advice = suggest_moves(some, NOW)
    assert 0 <= advice.saved <= count_missing(some)
    assert advice.saved >= len(advice.moves) > 0 or not advice.moves
    known = {one.key for one in some if one.hours_each}
    assert all(source != target and {source, target} <= known for source, target in advice.moves)
    assert advice == suggest_moves(list(reversed(some)), NOW)


@settings(max_examples=examples(40, 1000))
@given(backlogs, st.integers(1, 40))
def test_a_quicker_pace_never_makes_more_requests_late(some: list[Backlog], more: int) -> None:
    quicker = [Backlog(one.key, one.items, one.decided + more) for one in some if one.hours_each]
    assert count_missing(quicker) <= count_missing([one for one in some if one.hours_each])


@pytest.mark.django_db
@pytest.mark.both
@pytest.mark.usefixtures("reference", "clock")
def test_the_home_says_which_requests_and_who_could_help(
    django_assert_max_num_queries: Any,
) -> None:
    late = [make_request(age=timedelta(hours=30), delegation="IDF") for _ in range(3)]
    make_request(delegation="HDF")
    staff_member = make_staff(StaffRole.NATIONAL)
    for code, decided in (("IDF", 10), ("BRE", 20)):
        for number in range(decided):
            age = timedelta(days=3, minutes=number)
            done: dict[str, Any] = {
                "status": "refused",
                "decided_at": DESK_NOW - age + timedelta(hours=3),
            }
            make_request(age=age, delegation=code, decided_by=staff_member.public_id, **done)
    with django_assert_max_num_queries(3):
        found = forecast_page.read_backlogs(Delegation.objects.order_by("name"), DESK_NOW)[0]
    assert sum(one.decided for one in found) == 30
    page = client_of(staff_member).get("/admin/").text
    section = page.partition('id="forecast-title"')[2].partition("</section>")[0]
    assert "3 demandes dépasseront" in section or "2 demandes dépasseront" in section
    assert late[-1].reference in section
    assert "de la délégation Île-de-France à la délégation Bretagne" in section
    assert "Rythme inconnu" in section
    own = client_of(make_staff(StaffRole.REVIEWER, delegations=("HDF",))).get("/admin/").text
    section = own.partition('id="forecast-title"')[2].partition("</section>")[0]
    assert "Rythme inconnu" in section
    assert late[-1].reference not in own
