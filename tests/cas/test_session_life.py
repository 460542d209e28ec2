"""The portal's session and those that it opened on platforms: idleness, work, a second login."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.cas.models import LogoutDelivery, Ticket
from accounts.cas.single_logout import sessions_to_end
from accounts.cas.tickets import session_life
from accounts.entry.models import SessionRecord
from accounts.habilitations.api import activity_push
from accounts.habilitations.api.activity_push import PushedActivity
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from tests.factories.cas import SERVICE, issue, ticket_in, validate
from tests.factories.people import NOW, log_in, person, sign_in
from tests.rolled_back import rolled_back

pytestmark = pytest.mark.django_db
HOURS = timedelta(hours=1)
MINUTES = timedelta(minutes=1)


@pytest.fixture
def entered(inside: Client) -> Client:
    """A browser inside M-Contributions."""
    validate(Client(), issue(inside))
    return inside


def told() -> list[str]:
    return list(LogoutDelivery.objects.values_list("reason", flat=True))


def work(visitor: User, at: datetime) -> None:
    """The platform tells that the person was active there."""
    platform = Platform.objects.get(code="m-contributions")
    (outcome,) = activity_push.record_pushed_activities(
        platform, [PushedActivity(at=at, subject=visitor.public_id)], now=at
    )
    assert outcome == activity_push.RECORDED


# --- idleness (O14, S20) -------------------------------------------------------------------------


@pytest.mark.cas("O14")
@pytest.mark.req("S20", "S21")
def test_two_hours_without_the_portal_end_nothing_on_a_platform_but_where_it_wants_to_be_told(
    entered: Client,
) -> None:
    assert sessions_to_end.queue_ended_sessions(NOW + 9 * HOURS) == 0
    with rolled_back():
        assert sessions_to_end.queue_ended_sessions(NOW + 10 * HOURS) == 1
        assert told() == ["absolute"]
    Platform.objects.update(idle_logout=True)
    assert sessions_to_end.queue_ended_sessions(NOW + 119 * MINUTES) == 0
    assert sessions_to_end.queue_ended_sessions(NOW + 120 * MINUTES) == 1
    assert told() == ["idle"]


@pytest.mark.cas("O14")
@pytest.mark.req("S20", "D36")
def test_the_portal_asks_the_password_again_the_platform_goes_on_and_a_logout_is_told(
    entered: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(NOW + 2 * HOURS)
    page = entered.get("/compte/", follow=True).text
    assert "deux heures sans activité" in page
    assert 'name="password"' in page
    email = User.objects.get().email
    assert f'value="{email}"' in page  # nobody types it again
    assert email not in entered.get("/cas/login").text  # said once
    assert "_auth_user_id" not in Session.objects.get().get_decoded()
    assert sessions_to_end.queue_ended_sessions(NOW + 2 * HOURS) == 0
    with rolled_back():
        assert sessions_to_end.queue_ended_sessions(NOW + 10 * HOURS) == 1
    entered.get("/cas/logout")
    assert sessions_to_end.queue_ended_sessions(NOW + 2 * HOURS) == 1
    assert told() == ["logout"]


@pytest.mark.cas("O14")
@pytest.mark.req("S20", "D36")
def test_the_next_login_in_the_browser_takes_the_platforms_over(
    entered: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(NOW + 3 * HOURS)
    entered.get("/compte/")
    sign_in(entered)
    # The ten hours count from the new login.
    assert sessions_to_end.queue_ended_sessions(NOW + 11 * HOURS) == 0
    entered.get("/cas/logout")
    assert sessions_to_end.queue_ended_sessions(NOW + 3 * HOURS) == 1
    assert told() == ["logout"]


@pytest.mark.cas("O14")
@pytest.mark.req("S20")
def test_the_login_of_somebody_else_closes_what_the_idle_session_had_opened(
    entered: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(NOW + 3 * HOURS)
    entered.get("/compte/")
    person("luc.petit@garage.example.org")
    sign_in(entered, "luc.petit@garage.example.org")
    assert sessions_to_end.queue_ended_sessions(NOW + 3 * HOURS) == 1
    assert told() == ["replaced"]


# --- work on a platform (S20, D22, D53) ----------------------------------------------------------


@pytest.mark.req("S20", "D53")
def test_work_on_a_platform_keeps_the_portals_session(
    entered: Client, visitor: User, clock: time_machine.Traveller
) -> None:
    work(visitor, NOW + 110 * MINUTES)
    assert session_life.extend_sessions_by_work(NOW + 111 * MINUTES) == 1
    assert session_life.extend_sessions_by_work(NOW + 111 * MINUTES) == 0
    clock.move_to(NOW + 3 * HOURS)
    assert entered.get("/compte/").status_code == 200
    Platform.objects.update(idle_logout=True)
    assert sessions_to_end.queue_ended_sessions(NOW + 3 * HOURS) == 0


@pytest.mark.req("S20")
def test_work_of_more_than_two_hours_ago_keeps_nothing(
    entered: Client, visitor: User, clock: time_machine.Traveller
) -> None:
    work(visitor, NOW + 61 * MINUTES)
    session_life.extend_sessions_by_work(NOW + 62 * MINUTES)
    clock.move_to(NOW + 182 * MINUTES)
    assert entered.get("/compte/").status_code == 302


@pytest.mark.req("S20")
def test_no_work_goes_beyond_the_absolute_limit(
    entered: Client, visitor: User, clock: time_machine.Traveller
) -> None:
    for hour in range(1, 11):
        work(visitor, NOW + hour * HOURS - MINUTES)
        session_life.extend_sessions_by_work(NOW + hour * HOURS)
    clock.move_to(NOW + 10 * HOURS)
    assert entered.get("/compte/").status_code == 302
    assert sessions_to_end.queue_ended_sessions(NOW + 10 * HOURS) == 1


@pytest.mark.req("S20")
def test_work_keeps_no_session_that_has_ended_or_did_not_open_the_platform(
    inside: Client, visitor: User
) -> None:
    work(visitor, NOW + 110 * MINUTES)
    assert session_life.extend_sessions_by_work(NOW + 111 * MINUTES) == 0
    validate(Client(), issue(inside))
    inside.get("/cas/logout")
    assert session_life.extend_sessions_by_work(NOW + 111 * MINUTES) == 0
    assert SessionRecord.objects.get().end_reason == "logout"


# --- a second login of the same person -----------------------------------------------------------


@pytest.mark.cas("L4", "O14")
@pytest.mark.req("D36")
def test_a_password_asked_again_logs_nobody_out_elsewhere(entered: Client) -> None:
    answer: Any = log_in(entered, service=SERVICE, renew="true")
    second = ticket_in(answer)
    assert "authenticationSuccess" in validate(Client(), second, renew="true")
    assert sessions_to_end.queue_ended_sessions(NOW) == 0
    new = SessionRecord.objects.open().get()
    assert set(Ticket.objects.values_list("session_id", flat=True)) == {new.pk}
    entered.get("/cas/logout")
    assert sessions_to_end.queue_ended_sessions(NOW) == 2


@pytest.mark.cas("V15")
def test_a_ticket_on_its_way_survives_a_second_login(inside: Client) -> None:
    ticket = issue(inside)
    sign_in(inside)
    assert "authenticationSuccess" in validate(Client(), ticket)


@pytest.mark.cas("O14")
@pytest.mark.req("S20")
def test_a_second_person_closes_what_the_first_had_opened(entered: Client) -> None:
    person("luc.petit@garage.example.org")
    sign_in(entered, "luc.petit@garage.example.org")
    assert sessions_to_end.queue_ended_sessions(NOW) == 1
    assert told() == ["replaced"]


@pytest.mark.cas("O14")
@pytest.mark.req("S20")
def test_a_session_that_was_revoked_says_nobodys_name_and_leaves_nothing_to_the_next_login(
    entered: Client, visitor: User
) -> None:
    User.objects.filter(pk=visitor.pk).update(session_epoch=visitor.session_epoch + 1)
    assert visitor.email not in entered.get("/compte/", follow=True).text
    sign_in(entered)
    assert sessions_to_end.queue_ended_sessions(NOW) == 1
