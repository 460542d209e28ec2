"""What a completed login asks of the database (D52, S20)."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.entry.models import SessionRecord
from accounts.people.models import User
from tests.factories.factors import code, give_factor, show_code
from tests.factories.people import NOW, log_in, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.mark.req("D52", "D22")
def test_the_last_login_moves_each_time_and_activity_once_a_day(user: User, owner: Client) -> None:
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
