"""A page that asks by itself is no activity of a person (D73, S20)."""

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.people.models import User
from registrations.desk.acts.assign import take_request
from registrations.enrolment.amend_flows import cancel_request
from registrations.requests.models import Request
from tests.factories.habilitations import make_staff
from tests.factories.people import client_of
from tests.factories.registrations import load_reasons
from tests.registrations.desk.staff_pages import address_of, make_request

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]


@pytest.fixture
def desk() -> Client:
    load_reasons()
    agent = make_staff("reviewer", delegations=("IDF",))
    return client_of(agent)


def _recent() -> Request:
    return make_request(now=timezone.now())


@pytest.mark.req("D73", "S20")
def test_an_open_page_that_beats_does_not_keep_the_session_alive(desk: Client) -> None:
    request, start = _recent(), timezone.now()
    desk.get(address_of(request))
    seen = desk.session["seen_at"]
    for minutes in (20, 60, 118):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert desk.post(address_of(request, "still_here")).status_code == 200
            assert desk.session["seen_at"] == seen
    with time_machine.travel(start + timedelta(minutes=121), tick=False):
        assert desk.post(address_of(request, "still_here")).status_code == 302
        # The page says so itself, and the login that the agent opens says why.
        login = desk.get(address_of(request), follow=True)
        assert "deux heures sans activité" in login.text


@pytest.mark.req("D73")
def test_a_person_on_the_same_page_keeps_it_alive(desk: Client) -> None:
    request, start = _recent(), timezone.now()
    desk.get(reverse("admin:password_change_done"))
    with time_machine.travel(start + timedelta(minutes=60), tick=False):
        assert desk.get(address_of(request)).status_code == 200
        assert desk.session["seen_at"] == int((start + timedelta(minutes=60)).timestamp())


@pytest.mark.req("D73")
def test_each_page_that_asks_by_itself_is_declared() -> None:
    """What a script asks on a timer is in BEATS: a presence, the changes of a list."""
    timers = {
        path.name: text.count("setInterval(")
        for path in Path("static/js").glob("*.js")
        if "setInterval(" in (text := path.read_text())
    }
    assert timers == {"desk.js": 1, "desk-queue.js": 1}
    assert not any(
        'http-equiv="refresh"' in path.read_text() for path in Path("templates").rglob("*.html")
    )
    assert set(settings.BEATS) == {
        "admin:registrations_request_still_here",
        "admin:registrations_request_changes",
    }


@pytest.mark.req("D73", "S20", "R44")
def test_an_open_list_asks_whether_it_has_changed_and_keeps_no_session_alive(
    desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def ask() -> dict[str, object]:
        answer = desk.get(f"{changes}?depuis={since}&_changelist_filters=delegation%3DIDF")
        assert answer.status_code == 200
        found: dict[str, object] = answer.json()
        return found

    changes = reverse("admin:registrations_request_changes")
    first, mine = _recent(), _recent()
    page = desk.get(reverse("admin:registrations_request_changelist") + "?delegation=IDF").text
    since = int(time.time())
    (stamp,) = re.findall(r'data-stamp="([^"]+)"', page)
    seen = desk.session["seen_at"]
    assert ask() == {"stamp": stamp, "new": 0, "held": 0}
    colleague, later = make_staff(delegations=("IDF",)), timezone.now() + timedelta(seconds=5)
    take_request(first.pk, actor_user=colleague, now=later)
    agent = User.objects.get(pk=desk.session["_auth_user_id"])
    take_request(mine.pk, actor_user=agent, now=later)  # which the agent knows
    assert ask() == {"stamp": stamp, "new": 0, "held": 1}
    make_request(now=timezone.now() + timedelta(seconds=5), age=timedelta(0))
    assert ask()["new"] == 1
    withdrawn = ask()["stamp"]
    cancel_request(first.pk, first.user, timezone.now())
    assert ask()["stamp"] != withdrawn
    with django_assert_num_queries(7):  # who asks, the délégations of the filter, and two
        ask()
    with time_machine.travel(timezone.now() + timedelta(minutes=60), tick=False):
        ask()
        assert desk.session["seen_at"] == seen
    for nonsense in ("x", "9" * 40, ""):
        assert desk.get(changes, {"depuis": nonsense}).json()["new"] == 0
