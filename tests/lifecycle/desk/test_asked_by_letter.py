"""A désinscription asked by letter or e-mail, done and dated by an agent (R79, R80, S33)."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.habilitations.enums import StaffRole
from accounts.leaving.account_departures import CLOSING
from accounts.people.enums import Status
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from tests.factories.habilitations import make_staff, make_user
from tests.lifecycle.desk.test_admin import NOW, act

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def national(client: Client) -> Any:
    with time_machine.travel(NOW, tick=False):
        client.force_login(make_staff(StaffRole.NATIONAL))
        yield client


@pytest.mark.req("R79", "R80")
def test_the_agent_says_how_and_when_it_was_received(national: Client) -> None:
    user = make_user()
    page = act(user, "desinscrire")
    assert 'type="date"' in national.get(page).content.decode()
    national.post(page, {"channel": "letter", "received": "2026-03-20"})
    user.refresh_from_db()
    assert user.status == Status.CLOSING
    entry = Entry.objects.get(act="account.closing")
    assert (entry.actor_kind, entry.reason) == ("staff", "letter")
    assert entry.detail.data == {"note": "demande reçue le vendredi 20 mars 2026"}
    assert Mail.objects.get(kind=CLOSING).person == user.public_id


@pytest.mark.req("R80")
def test_without_both_or_with_a_date_to_come_nothing_happens(national: Client) -> None:
    user = make_user()
    for said in (
        {},
        {"channel": "letter"},
        {"received": "2026-03-20"},
        {"channel": "phone", "received": "2026-03-20"},
        {"channel": "email", "received": "2026-03-28"},
    ):
        assert national.post(act(user, "desinscrire"), said).status_code == 200, said
    user.refresh_from_db()
    assert user.status == Status.ACTIVE
