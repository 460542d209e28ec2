"""Two agents on one request, each over HTTP with a connection of his own: the database decides."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.habilitations.accesses.models import Access
from accounts.people.models import User
from mgestion.outbox.models import Mail
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request
from tests.factories.habilitations import load_reference, make_staff, make_user
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import address_of, make_reason, make_request, messages_of
from tests.together import run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
DECISIONS = ("registrations.approved", "registrations.refused")


def _agent(first_name: str) -> User:
    person = make_user(first_name=first_name, last_name="Fictif")
    return make_staff(delegations=("IDF",), user=person)


@pytest.mark.req("S23", "R46")
def test_two_agents_deciding_at_once_make_one_decision() -> None:
    load_reference()
    reason = make_reason()
    ada, bob = _agent("Ada"), _agent("Bob")

    def act(agent: User, row: Request, name: str) -> Callable[[], Any]:
        fields = {"version": "1", "seen": "0", "role": "gestionnaire"}
        if name == "refuse":
            fields |= {"refusal": reason.code, "text": "Non", "step": "send"}
        client = client_of(agent)  # with no message of the race before
        return lambda: client.post(address_of(row, name), fields)

    for second in ("refuse", "approve"):
        row = make_request()
        responses = run_together(act(ada, row, "approve"), act(bob, row, second))

        assert [response.status_code for response in responses] == [302, 302]
        late = [words for words in map(messages_of, responses) if "Rien n’a été modifié" in words]
        assert len(late) == 1
        row = Request.objects.get(pk=row.pk)
        assert row.version == 2
        winner = "Bob" if "par Bob" in late[0] else "Ada"
        assert f"par {winner} Fictif" in late[0]
        assert row.decided_by == User.objects.get(first_name=winner).public_id
        decided = row.events.filter(act__in=(RequestAct.APPROVED, RequestAct.REFUSED))
        assert decided.count() == 1
        assert Mail.objects.filter(kind__in=DECISIONS, subject_id=row.pk).count() == 1
        granted = Access.objects.filter(user=row.user).count()
        assert granted == (1 if row.status == "approved" else 0)


@pytest.mark.req("S23")
def test_two_agents_taking_at_once_make_one_holder() -> None:
    load_reference()
    row = make_request()
    address = address_of(row, "take")
    ada, bob = client_of(_agent("Ada")), client_of(_agent("Bob"))
    responses = run_together(lambda: ada.post(address), lambda: bob.post(address))
    assert [response.status_code for response in responses] == [302, 302]
    assert sum("déjà prise en charge par" in messages_of(found) for found in responses) == 1
    assert row.events.filter(act=RequestAct.TAKEN).count() == 1
