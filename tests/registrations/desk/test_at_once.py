"""Two agents on one request, each over HTTP with a connection of his own: the database decides."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.habilitations.accesses.models import Access
from accounts.people.models import User
from mgestion.outbox.models import Mail
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request, RequestEvent
from tests.factories.habilitations import load_reference, make_staff, make_user
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import make_reason, make_request
from tests.together import run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
DECISIONS = ("registrations.approved", "registrations.refused")


def _client(first_name: str) -> Client:
    person = make_user(first_name=first_name, last_name="Fictif")
    agent: User = make_staff(delegations=("IDF",), user=person)
    return client_of(agent)


@pytest.mark.req("S23", "R46")
@pytest.mark.parametrize("second", ["refuse", "approve"])
@pytest.mark.parametrize("attempt", range(4))
def test_two_agents_deciding_at_once_make_one_decision(second: str, attempt: int) -> None:
    load_reference()
    row, reason = make_request(), make_reason()
    ada, bob = _client("Ada"), _client("Bob")

    def act(client: Client, name: str) -> Callable[[], Any]:
        fields = {"version": "1", "seen": "0", "role": "gestionnaire"}
        if name == "refuse":
            fields |= {"refusal": reason.code, "text": "Non", "step": "send"}
        address = reverse(f"admin:registrations_request_{name}", args=[row.pk])
        return lambda: client.post(address, fields)

    responses = run_together(act(ada, "approve"), act(bob, second))

    assert [response.status_code for response in responses] == [302, 302]
    said = [" ".join(map(str, get_messages(found.wsgi_request))) for found in responses]
    late = [words for words in said if "Rien n’a été modifié" in words]
    assert len(late) == 1
    row = Request.objects.get(pk=row.pk)
    assert row.version == 2
    winner = "Bob" if "par Bob" in late[0] else "Ada"
    assert f"par {winner} Fictif" in late[0]
    assert row.decided_by == User.objects.get(first_name=winner).public_id
    decided = RequestEvent.objects.filter(
        request=row, act__in=(RequestAct.APPROVED, RequestAct.REFUSED)
    )
    assert decided.count() == 1
    assert Mail.objects.filter(kind__in=DECISIONS).count() == 1
    assert Access.objects.count() == (1 if row.status == "approved" else 0)


@pytest.mark.req("S23")
def test_two_agents_taking_at_once_make_one_holder() -> None:
    load_reference()
    row = make_request()
    address = reverse("admin:registrations_request_take", args=[row.pk])
    ada, bob = _client("Ada"), _client("Bob")
    responses = run_together(lambda: ada.post(address), lambda: bob.post(address))
    assert [response.status_code for response in responses] == [302, 302]
    said = [" ".join(map(str, get_messages(found.wsgi_request))) for found in responses]
    assert len([words for words in said if "déjà prise en charge par" in words]) == 1
    assert RequestEvent.objects.filter(request=row, act=RequestAct.TAKEN).count() == 1
