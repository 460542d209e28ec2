"""What a completed login asks of the database (D52, S20)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.entry.models import SessionRecord
from tests.factories.factors import code, give_factor, show_code
from tests.factories.people import NOW, log_in, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def test_a_login_of_a_known_browser_takes_thirteen_statements(
    client: Client, django_assert_num_queries: Any
) -> None:
    person()
    log_in(client)
    client.cookies.pop("sessionid")
    # Two of them: the transaction's beginning and end. One: is this browser still known?
    with django_assert_num_queries(13):
        assert log_in(client).status_code == 303
    assert client.get("/compte/").status_code == 200


@pytest.mark.req("D52", "D22")
def test_the_last_login_moves_each_time_and_activity_once_a_day(client: Client) -> None:
    user = person()
    log_in(client)
    user.refresh_from_db()
    assert user.last_login_at == user.last_activity_at == user.clock_from == NOW
    later = NOW + timedelta(hours=3)
    with time_machine.travel(later, tick=False):
        log_in(Client())
    user.refresh_from_db()
    assert user.last_login_at == later
    assert user.last_activity_at == user.clock_from == NOW
    tomorrow = NOW + timedelta(days=1)
    with time_machine.travel(tomorrow, tick=False):
        log_in(Client())
    user.refresh_from_db()
    assert user.last_login_at == user.last_activity_at == user.clock_from == tomorrow


@pytest.mark.req("S20")
def test_the_session_has_a_new_id_and_one_row_that_holds_the_login(client: Client) -> None:
    user = person()
    give_factor(user)
    log_in(client)
    waiting = client.session.session_key
    show_code(client, code())
    key = client.session.session_key
    assert key != waiting
    assert len(str(key)) == 32
    assert not Session.objects.filter(session_key=waiting).exists()
    assert client.session["_auth_user_id"] == str(user.pk)
    assert SessionRecord.objects.get().session_key == key
    assert Session.objects.count() == 1


def test_a_session_ended_elsewhere_is_not_written_back(client: Client) -> None:
    person()
    log_in(client)
    session = client.session
    session.get("x")  # read now
    Session.objects.all().delete()
    session["x"] = 1
    with pytest.raises(UpdateError):
        session.save()
    assert not Session.objects.exists()
