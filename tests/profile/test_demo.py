"""The demo's register of rights requests: something to look at for the DPO."""

from datetime import timedelta

import pytest

from accounts.habilitations import demo as agents
from accounts.people.models import User
from accounts.profile.enums import Channel, RequestState
from accounts.profile.models import RightsRequest
from accounts.profile.rights import demo
from mgestion import slots
from mgestion.text.dates import paris_date
from tests.factories.people import NOW

pytestmark = pytest.mark.usefixtures("reference")


@pytest.fixture
def loaded() -> None:
    agents.load_staff(NOW)
    slots.demo["40-rights"](NOW)


@pytest.mark.req("S33", "R80")
def test_the_register_has_one_that_waits_one_late_and_one_answered(loaded: None) -> None:
    today = paris_date(NOW)
    rows = list(RightsRequest.objects.all())
    assert [row.channel for row in rows if row.is_late(today)] == [Channel.POST]
    waiting = [row for row in rows if row.is_open and not row.is_late(today)]
    assert [row.contact for row in waiting] == [demo.WAITING]
    [answered] = [row for row in rows if row.state == RequestState.ANSWERED]
    assert answered.answer
    assert answered.settled_at is not None
    assert paris_date(answered.settled_at) <= answered.due_on
    dpo = User.objects.get(email="odile.fictive@opco.example.org")
    assert answered.handled_by == dpo.public_id


def test_it_loads_once_and_everybody_in_it_is_invented(loaded: None) -> None:
    demo.load_demo_rights(NOW + timedelta(days=1))
    assert RightsRequest.objects.count() == 3
    for account in demo.ACCOUNTS:
        assert account.email.endswith(".example.org")
        user = User.objects.with_address(account.email)
        assert user is not None
        assert user.check_password(account.password)
        assert RightsRequest.objects.filter(person=user.public_id).count() == 1
