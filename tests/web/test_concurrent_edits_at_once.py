"""Two agents save the same row at the same moment, each with a connection: one is told."""

from html import unescape

import pytest
from django.test import Client

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Delegation
from tests.effort import examples
from tests.factories.habilitations import load_reference, make_staff
from tests.factories.people import client_of
from tests.together import run_together
from tests.web.test_concurrent_edits import tab, url_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def _client() -> Client:
    agent = make_staff(StaffRole.NATIONAL)
    client = client_of(agent)
    return client


@pytest.mark.req("R38", "S23")
@pytest.mark.parametrize("attempt", range(examples(2, 8)))
def test_of_two_saves_at_once_the_second_is_told_of_the_first(attempt: int) -> None:
    load_reference()
    row = Delegation.objects.get(code="BRE")
    ada, bob = _client(), _client()
    first = {**tab(ada, row), "email": "ada@opco.example.org"}
    second = {**tab(bob, row), "phone": "01 99 00 00 77"}
    address, before = url_of(row), row.phone

    responses = run_together(lambda: ada.post(address, first), lambda: bob.post(address, second))

    assert sorted(response.status_code for response in responses) == [200, 302]
    row.refresh_from_db()
    told = next(response for response in responses if response.status_code == 200)
    page = unescape(told.content.decode())
    assert "Cette ligne a été modifiée depuis que vous l’avez ouverte" in page
    if told is responses[1]:  # Ada's address stands, and is in Bob's form
        assert (row.email, row.phone) == ("ada@opco.example.org", before)
        assert 'value="ada@opco.example.org"' in page
    else:
        assert row.email != "ada@opco.example.org" and row.phone.endswith("77")
        assert 'value="ada@opco.example.org"' in page  # what was typed is not lost
