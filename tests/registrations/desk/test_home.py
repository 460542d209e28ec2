"""The desk's home: figures of the last weeks, within the agent's scope, at a fixed cost."""

import html
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Delegation
from accounts.habilitations.staff.permissions import Staff, get_staff
from mgestion.admin import charts
from registrations.desk.home import statistics
from registrations.requests.models import Request
from tests.factories.habilitations import NOW, make_staff
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import make_reason, make_request
from tests.registrations.pages import cost

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "clock")]
NATIONAL = Staff(StaffRole.NATIONAL)


def decided(
    hours: float,
    *,
    status: str = "approved",
    paused: int = 0,
    ago: timedelta = timedelta(days=3),
    reason: str = "",
    **fields: object,
) -> Request:
    """A request sent `ago`, decided `hours` later, whose clock stood still for `paused` of them."""
    row = make_request(age=ago, **fields)  # type: ignore[arg-type]  # the factory's own keywords
    row.status = status
    row.decided_at = row.submitted_at + timedelta(hours=hours)
    row.due_at += timedelta(hours=paused)
    row.refusal_reason = make_reason(reason, label=reason) if reason else None
    row.save()
    return row


@pytest.mark.req("R44", "D10")
def test_the_time_to_decide_leaves_pauses_out() -> None:
    decided(2)
    decided(10)
    decided(60, paused=40)
    decided(70)
    pace = statistics.read_statistics(NATIONAL, NOW).pace
    assert dict(pace.hours) == {2: 1, 10: 1, 20: 1, 70: 1}
    assert (pace.median, pace.share, pace.decided) == (10, 75, 4)


@pytest.mark.req("D10")
def test_in_time_means_by_the_due_time() -> None:
    for hours in (47.99, 48, 48.01):
        decided(hours)
    pace = statistics.read_statistics(NATIONAL, NOW).pace
    assert (pace.in_time, pace.decided) == (2, 3)


def test_what_is_older_than_the_period_is_left_out_and_nothing_decided_has_no_median() -> None:
    make_request()
    decided(1, ago=timedelta(days=200))
    done = statistics.read_statistics(NATIONAL, NOW)
    assert (done.received, done.pace.decided) == (1, 0)
    assert (done.pace.median, done.pace.share) == (None, None)


@pytest.mark.req("R44")
def test_weeks_are_those_of_paris_from_monday() -> None:
    # NOW is a Tuesday. In Paris the week began on Sunday at 23 h UTC.
    monday = datetime(2026, 3, 15, 23, 0, tzinfo=UTC)
    make_request(age=NOW - monday)
    make_request(age=NOW - monday + timedelta(seconds=1))
    decided(5, ago=timedelta(days=8), status="refused", reason="motif-a")
    done = statistics.read_statistics(NATIONAL, NOW)
    assert done.since == date(2025, 12, 29)
    assert [week.starts for week in done.weeks][-1] == date(2026, 3, 16)
    assert [week.received for week in done.weeks][-2:] == [2, 1]
    assert [(week.approved, week.refused) for week in done.weeks][-2:] == [(0, 1), (0, 0)]
    assert len(done.weeks) == 12


@pytest.mark.req("D11")
def test_reasons_are_counted_the_most_frequent_first() -> None:
    for reason in ("motif-a", "motif-b", "motif-b"):
        decided(4, status="refused", reason=reason)
    assert statistics.read_statistics(NATIONAL, NOW).reasons == [("motif-b", 2), ("motif-a", 1)]


@pytest.mark.req("S22", "D9")
def test_the_figures_of_a_reviewer_hold_nothing_of_another_delegation() -> None:
    agent = make_staff(delegations=("IDF",))
    decided(4)
    decided(5, delegation="BRE", status="refused", reason="motif-breton")
    make_request(delegation="BRE", age=timedelta(hours=60))
    staff = get_staff(agent)
    assert staff is not None
    done = statistics.read_statistics(staff, NOW)
    assert (done.received, done.pace.decided, done.reasons) == (1, 1, [])
    assert set(done.by_delegation) == {Delegation.objects.get(code="IDF").pk}
    page = client_of(agent).get(reverse("admin:index")).text
    assert "motif-breton" not in page
    assert "Bretagne" not in page
    assert "Par délégation" not in page


@pytest.mark.req("R44", "S22")
def test_the_national_view_compares_delegations_and_dgas() -> None:
    """The auditor sees it too."""
    decided(4)
    decided(60, delegation="BRE", dga="DGA-URBAIN")
    make_request(delegation="BRE", age=timedelta(hours=60))
    page = html.unescape(client_of(make_staff(StaffRole.AUDITOR)).get(reverse("admin:index")).text)
    rows = re.findall(
        r'<tr>\s*<th scope="row"><a href="([^"]+)">([^<]+)</a></th>(.*?)</tr>', page, re.S
    )
    figures = {
        name: re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cells)).split() for _, name, cells in rows
    }
    assert figures["Bretagne"] == ["1", "1", "1", "0", "%", "60", "h"]
    assert figures["Île-de-France"] == ["0", "0", "1", "100", "%", "4", "h"]
    assert any("delegation=BRE" in url for url, _, _ in rows)
    assert any("dga=DGA-URBAIN" in url for url, _, _ in rows)


@pytest.mark.req("S47")
def test_every_chart_has_its_table_and_no_inline_style() -> None:
    decided(4)
    decided(4, status="refused", reason="motif-a")
    page = client_of(make_staff(StaffRole.NATIONAL)).get(reverse("admin:index")).text
    section = page[
        page.index('class="desk-done"') : page.index("</section>", page.index('class="desk-done"'))
    ]
    assert section.count('role="img"') == 2
    assert section.count("<figure") == 3
    # The third figure is a table alone: its figcaption names it.
    assert section.count("<caption") == section.count("<table") - 1 == 5
    assert " style=" not in section
    for identifier in re.findall(r'aria-labelledby="([^"]+)"', section):
        for part in identifier.split():
            assert f'id="{part}"' in section


def test_the_home_costs_the_same_with_one_request_or_many() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    decided(4, status="refused", reason="motif-a")
    make_request()
    client.get(reverse("admin:index"))

    one = cost(client, reverse("admin:index"))
    for hours in range(1, 4):
        decided(hours)
        make_request(delegation="BRE")
    assert cost(client, reverse("admin:index")) == one
    assert one <= 33  # two of them for the forecast, one for the opinions


# --- charts, pure ---


@pytest.mark.parametrize(
    ("highest", "step"), [(1, 1), (4, 1), (5, 2), (8, 2), (9, 5), (20, 5), (21, 10), (4001, 2000)]
)
def test_the_scale_has_round_steps_and_four_lines_at_most(highest: int, step: int) -> None:
    assert charts.step_of(highest) == step


@pytest.mark.parametrize("values", [[0, 0], [1, 3], [0, 100_000], [7, 7]])
def test_bars_stay_within_the_drawing(values: Sequence[int]) -> None:
    drawn = charts.columns("x", "t", "s", ["a", "b"], [("Un", values), ("Deux", values[::-1])])
    for bar in drawn.bars:
        assert charts.LEFT <= bar.x
        assert bar.x + bar.width <= drawn.width
        assert bar.y >= charts.TOP
        assert bar.y + bar.height == drawn.base
    for bar, value in zip(drawn.bars[::2], values, strict=True):
        assert bool(bar.height) == bool(value)


def test_lying_bars_are_parts_of_the_longest() -> None:
    assert [(line.width, line.share) for line in charts.lines([("a", 8), ("b", 2)])] == [
        (1000, 80),
        (250, 20),
    ]
    assert charts.lines([]) == []
